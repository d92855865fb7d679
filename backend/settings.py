"""What one process of the product is told from outside.

Values come from `PHAROS_*` environment variables; secrets from files named
`postgres_password` and so on in the folder that `PHAROS_SECRETS_DIR` names.
A value that would be unsafe stops the process at its start.
"""

import os
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

SECRET_FIELDS = (
    "postgres_password",
    "redis_password",
    "rabbitmq_password",
    "service_tokens",
    "fault_token",
)


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each secret field from the file of its name."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        folder = os.environ.get("PHAROS_SECRETS_DIR")
        path = Path(folder or ".") / field_name
        if field_name not in SECRET_FIELDS or not folder or not path.exists():
            return None, field_name, False
        return path.read_text().strip(), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(None, name)[0] for name in SECRET_FIELDS}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """Times are seconds, addresses are hosts and ports on this machine unless told otherwise."""

    # What a refused value is told with must not hold the secrets beside it.
    model_config = SettingsConfigDict(
        env_prefix="PHAROS_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Literal["local", "staging", "production"] = "local"
    release: str = "0.1.0"
    replica_id: str = "api-1"
    host: str = "127.0.0.1"
    port: int = 8000
    ops_host: str = "127.0.0.1"
    ops_port: int = 8001
    log_file: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    postgres_host: str = "127.0.0.1"
    postgres_port: int = 5432
    postgres_database: str = "pharos"
    postgres_user: str = "pharos"
    postgres_password: SecretStr = SecretStr("")
    db_pool_size: int = Field(default=10, ge=1, le=100)
    db_timeout: float = Field(default=3.0, gt=0)

    redis_host: str = "127.0.0.1"
    redis_port: int = 6379
    redis_database: int = 0
    redis_password: SecretStr = SecretStr("")
    cache_ttl: float = Field(default=300.0, gt=0)
    cache_timeout: float = Field(default=0.25, gt=0)

    rabbitmq_host: str = "127.0.0.1"
    rabbitmq_port: int = 5672
    rabbitmq_vhost: str = "/"
    rabbitmq_user: str = "pharos"
    rabbitmq_password: SecretStr = SecretStr("")

    # `name=sha256` a line: the service tokens that may write.
    service_tokens: SecretStr = SecretStr("")
    # Opens the fault port; without it there is none.
    fault_token: SecretStr = SecretStr("")
    # While this file is there nothing is made to fail.
    halt_file: Path | None = None
    sentry_dsn: SecretStr | None = None

    drain_seconds: float = Field(default=1.0, ge=0)
    shutdown_seconds: float = Field(default=20.0, gt=0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFiles(settings_cls)

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if self.environment == "production" and not self.service_tokens.get_secret_value():
            raise ValueError(
                "service_tokens is empty: production needs at least one token that may write"
            )
        return self

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL; the driver is named, since the default has changed between releases."""
        password = quote(self.postgres_password.get_secret_value(), safe="")
        return (
            f"postgresql+asyncpg://{self.postgres_user}:{password}"
            f"@{self.postgres_host}:{self.postgres_port}/{self.postgres_database}"
        )
