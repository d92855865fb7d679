"""What a process is told from outside, and what it says when that cannot be used."""

import pytest
from pydantic import ValidationError

from backend.settings import Settings


def test_changed_settings_lead_to_another_database() -> None:
    settings = Settings(postgres_database="one")
    assert settings.database_url.endswith("/one")
    assert settings.model_copy(update={"postgres_database": "two"}).database_url.endswith("/two")


def test_a_refusal_names_what_is_missing_and_no_secret() -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings(environment="production", service_tokens="", postgres_password="s3cret")
    assert "service_tokens is empty" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
