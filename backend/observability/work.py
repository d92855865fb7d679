"""Lines of work: one a request or message, on the way that every one of them takes.

They skip the logging module's records, which cost more than all that a line
holds, and what all lines of one kind of work have in common is told once. Where
a handler is not one of ours they take the usual way.
"""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any


class Work:
    """One kind of work, such as all answers of one route, method and status.

    Make it once, and keep it: handlers keep what they made of it. `last` says
    that its line is the last one of the request or message that it is about.
    """

    __slots__ = ("fields", "last", "level", "logger", "message")

    def __init__(  # noqa: PLR0913  what a line consists of, each by name
        self,
        logger: logging.Logger,
        action: str,
        message: str,
        fields: Mapping[str, str | int] | None = None,
        *,
        level: int = logging.INFO,
        last: bool = False,
    ) -> None:
        self.logger, self.level, self.message, self.last = logger, level, message, last
        self.fields = {**(fields or {}), "event.action": action}

    def done(self, fields: dict[str, Any]) -> None:
        """Write the line of one piece of it.

        `fields` are declared ones, of the right types, and no longer the
        caller's; `url.path` is redacted by who writes it, other texts from
        outside by the caller.
        """
        if not self.logger.isEnabledFor(self.level):
            return
        for handler in logging.root.handlers:
            if isinstance(handler, WorkHandler):
                handler.work(self, fields)
            else:
                handler.handle(self._record(fields))

    def _record(self, fields: dict[str, Any]) -> logging.LogRecord:
        return self.logger.makeRecord(
            self.logger.name, self.level, "", 0, self.message, (), None, extra=self.fields | fields
        )


class WorkHandler(logging.Handler):
    """A handler that takes a line of work without a record."""

    @abstractmethod
    def work(self, kind: Work, fields: Mapping[str, Any]) -> None:
        """Take one line; `fields` may hold a secret in `url.path` alone."""
