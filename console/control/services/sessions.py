"""Sessions and one-time links. Only digests are stored: the file opens nothing by itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlmodel import Session

from console.control.errors import NotSignedInError, RefusedError
from console.control.services.audit_log import AuditLog, Deed
from console.control.services.clock import Clock
from console.control.storage import identity
from console.control.storage.database import Database
from console.control.storage.tables import SessionRow, SignInLinkRow
from console.schemas import Role
from deploy.secrets import digest

SESSION_LIFETIME = timedelta(hours=12)
LINK_LIFETIME = timedelta(minutes=5)
# A link signs in whoever may read the stack's own keys: the owner of its machine, an admin.
LINK_ACTOR = "operator@local"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fresh secret and when it stops working; the only time that its value is known."""

    value: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person in a session."""

    actor: str
    role: Role
    expires_at: datetime


class Sessions:
    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def find(self, token: str) -> SignedIn | None:
        """Return whom `token` lets in while its session lasts, with the role that they have now."""
        with self._database.read() as session:
            found = identity.live_session(session, digest(token), self._clock())
            if found is None:
                return None
            if found.actor == LINK_ACTOR:
                return SignedIn(found.actor, "admin", found.expires_at)
            person = identity.person(session, found.actor)
        if person is None:
            return None
        return SignedIn(found.actor, cast(Role, person.role), found.expires_at)

    def open(self, session: Session, actor: str) -> Ticket:
        """Begin a session within the caller's transaction."""
        now = self._clock()
        ticket = Ticket(secrets.token_urlsafe(32), now + SESSION_LIFETIME)
        identity.forget_expired(session, now)
        session.add(
            SessionRow(
                digest=digest(ticket.value),
                actor=actor,
                created_at=now,
                expires_at=ticket.expires_at,
            )
        )
        return ticket

    def close(self, token: str, actor: str) -> None:
        """End a session.

        Raises:
            RefusedError: `token` is that of a program, which this would not end.
        """
        deed = Deed(actor, "sign-out", actor, "signed out")
        with self._audit.guarding(deed), self._database.write() as session:
            if identity.live_session(session, digest(token), self._clock()) is None:
                raise RefusedError("This is no session but a token: it works until it is revoked.")
            identity.end_session(session, digest(token))
            self._audit.write(session, deed, "done", "the session ended")

    def mint_link(self, actor: str) -> Ticket:
        """Make a code that signs one browser in, once, within `LINK_LIFETIME`."""
        ticket = Ticket(secrets.token_urlsafe(32), self._clock() + LINK_LIFETIME)
        with self._database.write() as session:
            session.add(
                SignInLinkRow(
                    digest=digest(ticket.value), actor=LINK_ACTOR, expires_at=ticket.expires_at
                )
            )
            deed = Deed(actor, "sign-in-link", LINK_ACTOR, "a one-time link was asked for")
            self._audit.write(session, deed, "done", "valid for 5 minutes, once")
        return ticket

    def use_link(self, code: str) -> Ticket:
        """Use a code up and begin its session.

        Raises:
            NotSignedInError: it is unknown, used already, or older than five minutes.
        """
        with self._database.write() as session:
            actor = identity.use_link(session, digest(code), self._clock())
            if actor is None:
                raise NotSignedInError("This link has been used, or is older than five minutes.")
            self._audit.write(
                session, Deed(actor, "sign-in", actor, "signed in by link"), "done", "by link"
            )
            return self.open(session, actor)
