"""Lines of work: one a request or message, on the way that every one of them takes.

They skip the logging module's records, which cost more than all that a line
holds; where a handler is not one of ours they take the usual way.
"""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any


class WorkHandler(logging.Handler):
    """A handler that takes a line of work without a record."""

    @abstractmethod
    def work(self, level: int, logger: str, message: str, fields: Mapping[str, Any]) -> None:
        """Take one line; `fields` hold no secrets."""


def work(
    logger: logging.Logger, level: int, action: str, message: str, fields: dict[str, Any]
) -> None:
    """Write the line of one piece of work, as `action`.

    `fields` are declared ones, of the right types; those that come from
    outside were redacted by the caller.
    """
    if not logger.isEnabledFor(level):
        return
    fields["event.action"] = action
    handlers = [each for each in logging.root.handlers if isinstance(each, WorkHandler)]
    if not handlers or len(handlers) < len(logging.root.handlers):
        logger.log(level, message, extra=fields)
        return
    for handler in handlers:
        handler.work(level, logger.name, message, fields)
