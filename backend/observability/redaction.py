"""Keeps secrets and personal data out of log lines and error reports.

Names decide first (a field called `password` is never shown), then patterns
find what slipped into free text: bearer tokens, passwords in URLs, addresses.
"""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"

_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|token|dsn|api[_-]?key|credential", re.IGNORECASE
)
_PERSONAL_NAME = re.compile(
    r"(^|[._-])e?mail($|[._-])|(^|\.)user\.(name|full_name)$", re.IGNORECASE
)
_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 " + REDACTED),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@"), r"\1:" + REDACTED + "@"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|token|api[_-]?key)\b(\s*[=:]\s*)[^\s,;&)]+"),
        r"\1\2" + REDACTED,
    ),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[address]"),
)


def redact_text(text: str) -> str:
    """Return `text` with everything that looks like a secret or an address replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, name: str = "") -> Any:
    """Return a JSON-like value with secret fields and texts replaced, nested ones too."""
    if name and (_SECRET_NAME.search(name) or _PERSONAL_NAME.search(name)):
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value
