"""A control service that is asked to scale, and says what a test tells it to."""

from collections.abc import Sequence

from chaos.client import ControlError


class FakeControl:
    """`answers` come one after the other, None for a scaling that is accepted; then all are."""

    def __init__(self, *answers: ControlError | None) -> None:
        self.asked: list[tuple[str, int, str]] = []
        self._answers: Sequence[ControlError | None] = answers

    def scale(self, role: str, count: int, reason: str) -> None:
        self.asked.append((role, count, reason))
        number = len(self.asked) - 1
        answer = self._answers[number] if number < len(self._answers) else None
        if answer is not None:
            raise answer
