"""Keeps secrets and personal data out of log lines and error reports.

Names decide first (a field called `password` is never shown), then patterns
find what slipped into free text: credentials of headers, passwords in URLs,
`secret=…` and `"secret": "…"`, addresses. Texts are cut before they are looked
through, and each pattern starts at a word's beginning only, so that no text
from outside can make this slow.
"""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"
CUT = "… [cut]"
# With the mark of the cut still no more than the log store indexes.
MAX_TEXT = 8_000
# Deeper than anything of ours; what lies below is not shown.
MAX_DEPTH = 8

_SENSITIVE = r"passw(?:or)?d|secret|token|dsn|api[_-]?key|credential"
_SECRET_NAME = re.compile(rf"{_SENSITIVE}|authorization|cookie", re.IGNORECASE)
_PERSONAL_NAME = re.compile(
    r"(^|[._-])e?mail($|[._-])|(^|\.)user\.(name|full_name)$", re.IGNORECASE
)
# A text without any of these, in lower case, cannot match a pattern below.
_SIGNS = ("@", "%40", "passw", "secret", "token", "dsn", "key", "credential", "cookie", "authoriz",
          "bearer", "basic")  # fmt: skip
_PATTERNS = (
    (re.compile(r"(?i)(?<![\w-])((?:set-)?cookie|authorization)([\"']?\s*[=:]\s*)[^\r\n]+"),
     rf"\1\2{REDACTED}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*://)[^\s/]+@"), rf"\1{REDACTED}@"),
    (re.compile(rf"(?i)(?<![\w-])([\w-]*?(?:{_SENSITIVE})[\w-]*)"
                r"((?:[\"']|%22)?\s*(?:[=:]|%3D)\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)}]+)"),
     rf"\1\2{REDACTED}"),
    (re.compile(r"(?<![\w.+%-])[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[address]"),
)  # fmt: skip


def redact_text(text: str, most: int = MAX_TEXT) -> str:
    """Return `text`, cut after `most` characters, without secrets and addresses."""
    if len(text) > most:
        text = text[:most] + CUT
    lowered = text.lower()
    # A plain loop: a generator would cost each request's line a microsecond.
    for sign in _SIGNS:
        if sign in lowered:
            return _without_secrets(text)
    return text


def _without_secrets(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, name: str = "", depth: int = 0) -> Any:
    """Return a JSON-like value with secret fields and texts replaced, nested ones too."""
    if name and (_SECRET_NAME.search(name) or _PERSONAL_NAME.search(name)):
        return REDACTED
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _redact_within(value, depth + 1) if depth < MAX_DEPTH else CUT
    if isinstance(value, bytes | bytearray):
        value = bytes(value[:MAX_TEXT]).decode(errors="replace")
    return redact_text(value if isinstance(value, str) else repr(value))


def _redact_within(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {str(key): redact(item, str(key), depth) for key, item in value.items()}
    return [redact(item, depth=depth) for item in value]
