"""What can go wrong with a search, in words for whoever asked."""


class LogStoreError(Exception):
    """No answer; the message says why, and what to do."""


class QueryError(LogStoreError):
    """The question cannot be understood. `position` counts from 1 where the text is to blame."""

    def __init__(self, words: str, position: int | None = None) -> None:
        super().__init__(f"position {position}: {words}" if position else words)
        self.position = position


class StoreAwayError(LogStoreError):
    """The store cannot be reached or read, or does not answer as one."""


class TooLongError(LogStoreError):
    """The search did not end in its time."""
