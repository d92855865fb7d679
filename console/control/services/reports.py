"""Reports on drills and game days, as pages that the chaos room makes when they are asked for."""

from dataclasses import dataclass

from console.control.drill_process import COMMAND, ChaosRoomError, NotThereError, ask_chaos
from console.control.errors import NotFoundError, UnavailableError


@dataclass(frozen=True, slots=True)
class Reports:
    chaos: tuple[str, ...] = COMMAND

    def page(self, run: str) -> str:
        """Return the report on a drill or a game day as an HTML page.

        Raises:
            NotFoundError: there is no such run, or it has no verdict yet.
            UnavailableError: the chaos room did not print it.
        """
        try:
            return ask_chaos(("report", run, "--html", "-"), self.chaos)
        except NotThereError as error:
            raise NotFoundError(f"There is no report: {error}.") from error
        except ChaosRoomError as error:
            raise UnavailableError(str(error)) from error
