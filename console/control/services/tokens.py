"""Bearer tokens for programs: made with a scope and an end, shown once, revoked at will."""

import secrets
from datetime import timedelta

from console.access_schemas import AccessToken, FreshToken, TokenCreate
from console.control.errors import ConflictError, NotFoundError, NotSignedInError
from console.control.services.audit_log import AuditLog, Deed, State
from console.control.services.clock import Clock
from console.control.services.names import require_name
from console.control.storage import tokens
from console.control.storage.database import Database
from console.control.storage.tables import TokenRow
from deploy.secrets import digest

# So that a value that lies about is known for what it is.
PREFIX = "pharos_"


class Tokens:
    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._told: set[str] = set()

    def find(self, value: str) -> AccessToken | None:
        """Return the token that `value` is; null when it is none.

        Raises:
            NotSignedInError: it has expired, or was revoked.
        """
        with self._database.read() as session:
            row = tokens.find(session, digest(value))
        if row is None:
            return None
        if row.revoked_at is not None:
            self._refuse(row, f"was revoked at {row.revoked_at:%Y-%m-%d %H:%M} UTC")
        if row.expires_at <= self._clock():
            self._refuse(row, f"expired at {row.expires_at:%Y-%m-%d %H:%M} UTC")
        return _known(row)

    def list(self) -> list[AccessToken]:
        """Return all there ever were, the newest first."""
        with self._database.read() as session:
            return [_known(row) for row in tokens.newest(session)]

    def create(self, actor: str, wanted: TokenCreate) -> FreshToken:
        """Make a token; its value is in this answer alone.

        Raises:
            InvalidError: the name is not one.
            ConflictError: there is one of that name that was not revoked.
        """
        deed = Deed(actor, "token-create", wanted.name, wanted.reason)
        value, now = PREFIX + secrets.token_urlsafe(32), self._clock()
        row = TokenRow(
            digest=digest(value),
            name=wanted.name,
            scope=wanted.scope,
            reason=wanted.reason,
            created_by=actor,
            created_at=now,
            expires_at=now + timedelta(seconds=wanted.lifetime_seconds),
        )
        with self._audit.guarding(deed):
            require_name(wanted.name)
            with self._database.write() as session:
                if tokens.unrevoked(session, row.name) is not None:
                    raise ConflictError(f"There is a token {row.name}: revoke it first.")
                session.add(row)
                words = f"{row.scope}, until {row.expires_at:%Y-%m-%d %H:%M} UTC"
                self._audit.write(session, deed.changing(None, _rights(row)), "done", words)
        return FreshToken(**_known(row).model_dump(), value=value)

    def revoke(self, actor: str, name: str, reason: str) -> None:
        """End a token now; raises NotFoundError."""
        deed = Deed(actor, "token-revoke", name, reason)
        with self._audit.guarding(deed), self._database.write() as session:
            row = tokens.unrevoked(session, name)
            if row is None:
                raise NotFoundError(f"There is no token {name}, or it was revoked already.")
            row.revoked_at, row.revoked_by = self._clock(), actor
            self._audit.write(session, deed.changing(_rights(row), None), "done", "revoked")

    def _refuse(self, row: TokenRow, why: str) -> None:
        """Refuse, and write it down once: a program that goes on trying would fill the log."""
        words = f"The token {row.name} {why}: ask an admin for another."
        if row.digest not in self._told:
            self._told.add(row.digest)
            deed = Deed(f"token:{row.name}", "token-refused", row.name, "was used")
            self._audit.record(deed, "refused", words)
        raise NotSignedInError(words)


def _known(row: TokenRow) -> AccessToken:
    return AccessToken.model_validate(row, from_attributes=True)


def _rights(row: TokenRow) -> State:
    return {"scope": row.scope, "expires_at": row.expires_at.isoformat()}
