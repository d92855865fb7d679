"""What an operator may set about notifications: the environment goes before the home's file.

`alerting.yaml` in the home holds the same names without their prefix. Passwords
are in neither: `keys/smtp_password`, mode 0600, holds the one that mail needs.
"""

import os
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from deploy.home import Home

PREFIX = "PHAROS_ALERT_"
PASSWORD = "smtp_password"  # noqa: S105 (the file's name)

Wait = Annotated[str, StringConstraints(pattern=r"^[0-9]+(ms|s|m|h)$")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"{}]+$")]


class Notifying(BaseModel):
    """How notifications leave; the waits are short, since a person watches a local stack.

    A stack that is on call takes about 30s, 5m and 4h. Without `email` nothing is mailed.
    `email_product` and `email_platform` take the place of `email` for that team.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    group_wait: Wait = "1s"
    group_interval: Wait = "5s"
    repeat_interval: Wait = "1h"
    email: EmailStr | None = None
    email_product: EmailStr | None = None
    email_platform: EmailStr | None = None
    email_from: EmailStr | None = None
    smarthost: str | None = Field(default=None, pattern=r"^[^\s:]+:[0-9]+$")
    smtp_user: str | None = None
    smtp_tls: bool = True
    console_url: WebAddress | None = None

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.email and not self.smarthost:
            raise ValueError(f"email is set without smarthost: set {PREFIX}SMARTHOST to host:port")
        if not self.email and (self.email_product or self.email_platform):
            raise ValueError(f"a team's email is set without email: set {PREFIX}EMAIL as well")
        return self

    def address(self, team: str) -> str | None:
        """Return where a team's mail goes; null while mail is off."""
        return getattr(self, f"email_{team}", None) or self.email


def read_notifying(home: Home) -> Notifying:
    """Read the environment and the home's file.

    Raises:
        ValueError: a setting, or the password's file, cannot be used; the message names it.
    """
    told = _of_file(home.alerting_file) | _of_environment()
    try:
        notifying = Notifying.model_validate(told)
    except ValidationError as error:
        raise ValueError("; ".join(_words(mistake) for mistake in error.errors())) from None
    if notifying.email and notifying.smtp_user:
        _require_private(home.keys / PASSWORD)
    return notifying


def _of_environment() -> dict[str, str]:
    names = {f"{PREFIX}{field}".upper(): field for field in Notifying.model_fields}
    return {field: os.environ[name] for name, field in names.items() if os.environ.get(name)}


def _of_file(path: Path) -> dict[str, object]:
    try:
        told = yaml.safe_load(path.read_text()) or {}
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read as YAML: {error}") from error
    if not isinstance(told, dict):
        raise ValueError(  # noqa: TRY004 (what is wrong is the file's content)
            f"{path} must hold names with values, such as `email: sre@example.org`"
        )
    return told


def _require_private(path: Path) -> None:
    if not path.exists():
        raise ValueError(f"smtp_user is set, but {path} is missing: put the password there")
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path} can be read by others: chmod 600 it")


def _words(mistake: ErrorDetails) -> str:
    name = ".".join(str(part) for part in mistake["loc"])
    said = str(mistake["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}: {said}" if name else said
