"""Game days: who began which, why, and how it ended. They run elsewhere."""

from dataclasses import replace

from console.control.drill_process import COMMAND
from console.control.errors import ConflictError, NotFoundError
from console.control.services.audit_log import Deed
from console.control.services.chaos_room import Listed
from console.control.services.records import Records
from console.control.storage import audit
from console.control.storage.tables import AuditRow
from console.game_day_schemas import GameDayEnd, GameDayRequest, HeldGameDay
from console.schemas import Outcome
from deploy.home import Home

KIND = "game-day"
# That its process died changes no file.
MAX_AGE = 15.0


class GameDays:
    def __init__(self, records: Records, home: Home, chaos: tuple[str, ...] = COMMAND) -> None:
        self._records = records
        self._home = home
        arguments = ("game-day", "--history")
        self._listed = Listed(arguments, HeldGameDay, self._fingerprint, chaos, MAX_AGE)

    def held(self) -> list[HeldGameDay]:
        """Return what was begun on this machine, the newest first.

        Raises:
            UnavailableError: the chaos room did not print a list that can be read.
        """
        return self._listed.rows()

    def open(self, actor: str, wanted: GameDayRequest) -> None:
        """Write its beginning; one that never told its end is closed as interrupted.

        Raises:
            ConflictError: there was one of this name.
        """
        deed = Deed(actor, KIND, wanted.name, wanted.reason, ref=wanted.name)
        count = len(wanted.experiments)
        words = f"{count} experiments: {', '.join(wanted.experiments)}"
        # Without a `ref`: a row that says "failed" would be the end of the one there was.
        guarding = self._records.audit.guarding(replace(deed, ref=None))
        with guarding, self._records.database.write() as session:
            if audit.of(session, KIND, wanted.name):
                raise ConflictError(f"There was a game day {wanted.name}: choose another name.")
            for row in audit.unended(session, KIND):
                self._records.audit.write(
                    session, _deed(row), "failed", "interrupted: its end was never told"
                )
            self._records.audit.write(session, deed, "accepted", words)

    def close(self, name: str, end: GameDayEnd) -> None:
        """Write its end, in the name of who began it.

        Raises:
            NotFoundError: no such game day goes on.
        """
        with self._records.database.write() as session:
            begun = [row for row in audit.unended(session, KIND) if row.ref == name]
            if not begun:
                raise NotFoundError(f"No game day {name} goes on.")
            # As a drill: carried out is not enough.
            outcome: Outcome = "done" if end.outcome == "passed" else "failed"
            self._records.audit.write(session, _deed(begun[0]), outcome, end.words)

    def _fingerprint(self) -> tuple[tuple[str, int], ...]:
        """Each journal grows as its day goes on."""
        journals = sorted(self._home.game_days.glob("*/journal.jsonl"))
        return tuple((file.parent.name, file.stat().st_size) for file in journals)


def _deed(row: AuditRow) -> Deed:
    return Deed(row.actor, KIND, row.target, row.reason, row.ref, row.at)
