"""Walking through a JSON document, with the names that lead to each value."""

from collections.abc import Iterator
from typing import Any

Place = tuple[str, ...]


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every value of a document with its place: the keys and indices on the way to it."""
    yield place, value
    inside = value.items() if isinstance(value, dict) else ()
    for name, inner in enumerate(value) if isinstance(value, list) else inside:
        yield from places(inner, (*place, str(name)))
