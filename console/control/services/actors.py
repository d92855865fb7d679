"""Who is asking, and how a request proves it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.access_schemas import Scope
from console.control.errors import NotAllowedError, NotSignedInError
from console.control.services.sessions import Sessions
from console.control.services.tokens import Tokens
from console.control.settings import Token
from console.schemas import ROLES, Role, at_least
from deploy.secrets import digest


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a token, by the name that the audit log shows."""

    name: str
    kind: Literal["person", "token"]
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    @property
    def role(self) -> Role | None:
        """The highest that is held; null for what only opens the doors of machines."""
        return next((role for role in reversed(ROLES) if role in self.scopes), None)


class Actors:
    """Finds the actor of a bearer token or a session. `keys` maps the home's to their rights."""

    def __init__(self, keys: Mapping[str, Token], tokens: Tokens, sessions: Sessions) -> None:
        self._keys = {digest(value).encode(): token for value, token in keys.items()}
        self._tokens = tokens
        self._sessions = sessions

    def find(self, credential: str | None) -> Actor:
        """Return whom `credential`, a token or a session, stands for.

        Raises:
            NotSignedInError: there is none, it is unknown, revoked, or has expired.
        """
        if not credential:
            raise NotSignedInError("Sign in, or send a bearer token.")
        key = self._key(credential)
        if key is not None:
            return Actor(key.actor, "token", key.scopes)
        token = self._tokens.find(credential)
        if token is not None:
            scopes = frozenset({token.scope})
            return Actor(f"token:{token.name}", "token", scopes, token.expires_at)
        known = self._sessions.find(credential)
        if known is None:
            raise NotSignedInError("This session or token is not known, or has expired: sign in.")
        return Actor(known.actor, "person", frozenset({known.role}), known.expires_at)

    def _key(self, credential: str) -> Token | None:
        """Compare with every key, so that the time taken tells nothing about any."""
        given, found = digest(credential).encode(), None
        for known, token in self._keys.items():
            if hmac.compare_digest(given, known):
                found = token
        return found


def require(actor: Actor, scope: Scope) -> None:
    """Let `actor` pass: a role holds what is below it, a machine's scope holds itself alone.

    Raises:
        NotAllowedError: it has not the right for this.
    """
    if scope in ROLES:
        if at_least(actor.role, scope):
            return
    elif scope in actor.scopes:
        return
    held = actor.role or ", ".join(sorted(actor.scopes))
    raise NotAllowedError(f"This takes the right {scope}; {actor.name} has {held}.")
