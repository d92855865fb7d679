"""The reason that everybody gives for what they ask for: the audit log keeps it."""

from typing import Annotated
from unicodedata import category

from pydantic import AfterValidator, StringConstraints


def _printable(text: str) -> str:
    """Let no other control character pass: no process takes a NUL, and terminals obey some."""
    if any(category(letter) == "Cc" for letter in text if letter not in "\t\r\n"):
        raise ValueError("must have no control characters but line breaks and tabs")
    return text


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500),
    AfterValidator(_printable),
]
