"""The public shapes of a user: Create, Update, Public, and a page of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class UserCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    name: Name


class UserUpdate(BaseModel):
    """Only the fields that are present are changed."""

    model_config = ConfigDict(extra="forbid")

    email: EmailStr | None = None
    name: Name | None = None


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
