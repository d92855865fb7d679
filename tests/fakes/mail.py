"""A mail server in this process that keeps what it is sent: a real SMTP conversation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass
class Mailbox:
    """Takes mail from one user; each message with its envelope's recipients."""

    user: str
    password: str
    messages: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refused: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((list(envelope.rcpt_tos), message))
        return "250 taken"

    def authenticate(self, *said: Any) -> AuthResult:
        known = LoginPassword(self.user.encode(), self.password.encode())
        if said[-1] == known:
            return AuthResult(success=True)
        self.refused += 1
        return AuthResult(success=False, handled=False)


@contextmanager
def listening(mailbox: Mailbox, port: int) -> Iterator[Mailbox]:
    """Serve `mailbox` on a port of 127.0.0.1, to those alone who sign in."""
    server = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        server_hostname="mail.test",
        authenticator=mailbox.authenticate,
        auth_required=True,
        auth_require_tls=False,
        # Its prompts for LOGIN are not those that Alertmanager knows.
        auth_exclude_mechanism=["LOGIN"],
    )
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()
