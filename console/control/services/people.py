"""People who may sign in with a name and a password."""

import threading
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from console.access_schemas import Person, PersonCreate, RoleChange
from console.control.errors import (
    ConflictError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    TooManyAttemptsError,
)
from console.control.services.attempts import Attempts
from console.control.services.audit_log import AuditLog, Deed
from console.control.services.clock import Clock
from console.control.services.names import require_name
from console.control.services.sessions import Sessions, Ticket
from console.control.storage import identity
from console.control.storage.database import Database
from console.control.storage.tables import PersonRow
from console.schemas import Role

WRONG = "The name or the password is wrong."
HASHER = PasswordHasher()  # argon2id, RFC 9106's low-memory choice


@cache
def _nobody() -> str:
    """Return what an unknown name's password is compared with, so that it takes as long."""
    return HASHER.hash("nobody")


class People:
    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        attempts: Attempts,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._attempts = attempts
        self._sessions = sessions
        self._clock = clock
        # A verification takes 64 MiB: one at a time, however many guess at once.
        self._one_at_a_time = threading.Lock()
        # Until when the log needs no further row of a name or an address that is closed.
        self._told: dict[str, datetime] = {}
        self._telling = threading.Lock()
        self._nobody = _nobody()  # made now: the first unknown name is no slower than the next

    def sign_in(self, name: str, password: str, address: str) -> Ticket:
        """Begin a session for a person.

        Raises:
            TooManyAttemptsError: too many failures before; nothing was compared.
            NotSignedInError: the name or the password is wrong.
        """
        name = name.strip().lower()
        self._begin(name, address)
        with self._database.read() as session:
            person = identity.person(session, name)
        matches = self._verify(person.password_hash if person else self._nobody, password)
        if person is None or not matches:
            self._refuse(name)
        with self._database.write() as session:
            if identity.person(session, name) is None:  # removed while the password was compared
                raise NotSignedInError(WRONG)
            self._attempts.succeeded(session, name, address)
            deed = Deed(name, "sign-in", name, "signed in by password")
            self._audit.write(session, deed, "done", f"from {address}")
            return self._sessions.open(session, name)

    def _begin(self, name: str, address: str) -> None:
        """Count the attempt; one that is refused is written down once while sign-in is closed."""
        try:
            self._attempts.begin(name, address)
        except TooManyAttemptsError as error:
            if self._is_news(error):
                self._audit.record(_tried(name), "refused", f"{error} (from {address})")
            raise

    def _is_news(self, error: TooManyAttemptsError) -> bool:
        now = self._clock()
        with self._telling:
            self._told = {key: until for key, until in self._told.items() if until > now}
            if error.closed in self._told:
                return False
            self._told[error.closed] = now + timedelta(seconds=error.retry_after)
        return True

    def _refuse(self, name: str) -> None:
        self._audit.record(_tried(name), "refused", WRONG)
        raise NotSignedInError(WRONG)

    def _verify(self, hashed: str, password: str) -> bool:
        with self._one_at_a_time:
            try:
                return HASHER.verify(hashed, password)
            except (VerificationError, InvalidHashError):
                return False

    def list(self) -> list[Person]:
        with self._database.read() as session:
            rows = identity.people(session)
        return [Person.model_validate(row, from_attributes=True) for row in rows]

    def add(self, actor: str, wanted: PersonCreate) -> Person:
        """Let a person sign in.

        Raises:
            InvalidError: the name is not one.
            ConflictError: there is such a person.
        """
        deed = Deed(actor, "access-add", wanted.name, wanted.reason)
        with self._audit.guarding(deed):
            require_name(wanted.name)
            with self._one_at_a_time:
                hashed = HASHER.hash(wanted.password.get_secret_value())
            return self._insert(deed, hashed, wanted.role)

    def _insert(self, deed: Deed, hashed: str, role: Role) -> Person:
        row = PersonRow(
            name=deed.target,
            password_hash=hashed,
            role=role,
            added_by=deed.actor,
            added_at=self._clock(),
        )
        with self._database.write() as session:
            if identity.person(session, row.name) is not None:
                raise ConflictError(f"{row.name} may sign in already: remove them first.")
            session.add(row)
            given = deed.changing(None, {"role": role})
            self._audit.write(session, given, "done", f"may sign in, as {role}")
        return Person.model_validate(row, from_attributes=True)

    def remove(self, actor: str, name: str, reason: str) -> None:
        """Take a person's access away, and end their sessions.

        Raises:
            NotFoundError: there is no such person.
            RefusedError: it is the asking person's own access, or the last admin's.
        """
        deed = Deed(actor, "access-remove", name, reason)
        with self._audit.guarding(deed), self._database.write() as session:
            person = _changeable(session, actor, name)
            _spare_the_last_admin(session, person)
            identity.remove_person(session, person)
            taken = deed.changing({"role": person.role}, None)
            self._audit.write(session, taken, "done", "may no longer sign in")

    def change_role(self, actor: str, name: str, wanted: RoleChange) -> Person:
        """Give a person another role; their open sessions have it from now on.

        Raises:
            NotFoundError: there is no such person.
            RefusedError: it is the asking person's own role, the last admin's, or no change.
        """
        deed = Deed(actor, "access-role", name, wanted.reason)
        with self._audit.guarding(deed), self._database.write() as session:
            person = _changeable(session, actor, name)
            if person.role == wanted.role:
                raise RefusedError(f"{name} is {wanted.role} already.")
            _spare_the_last_admin(session, person)
            changed = deed.changing({"role": person.role}, {"role": wanted.role})
            words = f"{wanted.role}, was {person.role}"
            person.role = wanted.role
            self._audit.write(session, changed, "done", words)
        return Person.model_validate(person, from_attributes=True)


def _tried(name: str) -> Deed:
    who = name[:64] or "nobody"
    return Deed(who, "sign-in", who, "tried to sign in")


def _changeable(session: Session, actor: str, name: str) -> PersonRow:
    if actor == name:
        raise RefusedError("You cannot change your own access: let another admin do it.")
    person = identity.person(session, name)
    if person is None:
        raise NotFoundError(f"There is no person {name}.")
    return person


def _spare_the_last_admin(session: Session, person: PersonRow) -> None:
    """Refuse to leave nobody who could let others in from their own browser."""
    if identity.admins(session) == [person.name]:
        raise RefusedError(f"{person.name} is the last admin: make somebody else one first.")
