"""What people and tokens may be called; what else stands in the audit log is no such name."""

import re

from console.control.errors import InvalidError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def require_name(name: str) -> None:
    """Let a name pass; raises InvalidError."""
    if not NAME.fullmatch(name):
        raise InvalidError(
            "name", "use 1 to 64 of a-z, 0-9, dot, dash and underscore, as in ada.lovelace"
        )
