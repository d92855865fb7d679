"""The cache's eras in memory; the contract test holds it to the real ones."""

from collections.abc import Callable

from backend.domain.eras import Era
from backend.domain.errors import DatabaseUnavailableError


class FakeEras:
    def __init__(self) -> None:
        self.era = Era(1, trusted=True)
        self.away = False
        self.before_answer: Callable[[], None] = lambda: None

    async def read(self) -> Era:
        self._reach()
        return self.era

    async def distrust(self) -> int:
        self._reach()
        self.era = Era(self.era.number + self.era.trusted, trusted=False)
        return self.era.number

    async def begin(self, after: int) -> bool:
        self._reach()
        if self.era != Era(after, trusted=False):
            return False
        self.era = Era(after + 1, trusted=True)
        return True

    def _reach(self) -> None:
        if self.away:
            raise DatabaseUnavailableError
        self.before_answer()
