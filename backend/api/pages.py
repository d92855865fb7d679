"""The two parameters of every listing."""

from typing import Annotated

from fastapi import Query

MAX_LIMIT = 200

Cursor = Annotated[str | None, Query(min_length=1, max_length=512)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
