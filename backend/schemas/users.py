"""The public shapes of a user: Create, Update, Public, and a page of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    EmailStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)

Name = Annotated[
    str,
    # No control characters: PostgreSQL cannot store NUL, and no page should meet the rest.
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class UserCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    name: Name


class UserUpdate(BaseModel):
    """Only the fields that are present are changed."""

    model_config = ConfigDict(extra="forbid")

    email: EmailStr | None = None
    name: Name | None = None

    @field_validator("email", "name", mode="before")
    @classmethod
    def _refuse_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("leave the field out to keep what it holds; it cannot be null")
        return value


class UserPublic(BaseModel):
    id: UUID
    email: str
    name: str
    created_at: datetime
    updated_at: datetime


class UserPage(BaseModel):
    """`next_cursor` is null on the last page."""

    items: list[UserPublic]
    next_cursor: str | None = None


_ADDRESS = TypeAdapter[str](EmailStr)


def address(text: str) -> str | None:
    """Return an address spelt as a user's is who gave it so; None where it is none."""
    try:
        return _ADDRESS.validate_python(text)
    except ValidationError:
        return None
