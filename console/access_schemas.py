"""The shapes of who may do what: people, roles, sessions and tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from console.reason_schemas import Reason
from console.schemas import Request, Role

# What a credential of a machine is for; each opens its one door, and no role holds it.
ServiceScope = Literal["mint", "metrics", "webhook"]
Scope = Role | ServiceScope


class Session(BaseModel):
    """Who is asking: a person or a token; `role` is null for one that opens a single door."""

    actor: str
    kind: Literal["person", "token"]
    role: Role | None = None
    expires_at: datetime | None = None


class SignInLink(BaseModel):
    """A link that signs one browser in, once."""

    url: str
    expires_at: datetime


class PersonCreate(Request):
    """Somebody who shall be able to sign in."""

    name: str
    password: Annotated[SecretStr, Field(min_length=10, max_length=200)]
    role: Role = "viewer"
    reason: Reason


class RoleChange(Request):
    """Another role for a person, from now on: sessions that are open have it, too."""

    role: Role
    reason: Reason


class Person(BaseModel):
    """Somebody who may sign in."""

    name: str
    role: Role
    added_by: str
    added_at: datetime


class TokenCreate(Request):
    """A bearer token for a program: a role, or one door of machines; 1 minute to 366 days."""

    name: str
    scope: Scope
    lifetime_seconds: Annotated[int, Field(ge=60, le=366 * 86_400)]
    reason: Reason


class AccessToken(BaseModel):
    """What is known of a token; its value is not. It acts as `token:NAME`."""

    name: str
    scope: Scope
    reason: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None


class FreshToken(AccessToken):
    """A token with its value, which nobody is told again."""

    value: str
