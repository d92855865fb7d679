"""Keeps schedules, and says what each would start when."""

from itertools import islice

from sqlalchemy.exc import IntegrityError

from console.control.errors import ConflictError, InvalidError, NotFoundError
from console.control.services.audit_log import Deed
from console.control.services.experiments import Experiments
from console.control.services.records import Records
from console.control.services.schedules.choosing import eligible, turns
from console.control.services.schedules.rows import spec_of
from console.control.storage import schedules
from console.control.storage.tables import ScheduleRow
from console.schedule_schemas import Schedule, ScheduleSpec, Turn


class Schedules:
    def __init__(self, records: Records, experiments: Experiments) -> None:
        self._records = records
        self._experiments = experiments

    def all(self) -> list[Schedule]:
        with self._records.database.read() as session:
            rows = schedules.all_(session)
        return [self._shown(row) for row in rows]

    def add(self, actor: str, spec: ScheduleSpec) -> Schedule:
        """Let a schedule stand.

        Raises:
            InvalidError: there is no such experiment or tag, or nothing may be chosen.
            ConflictError: there is a schedule of this name.
        """
        deed = Deed(actor, "schedule-add", spec.name, spec.reason)
        row = ScheduleRow(
            name=spec.name,
            spec=spec.model_dump(mode="json"),
            created_by=actor,
            created_at=self._records.clock(),
        )
        with self._records.audit.guarding(deed):
            among = self._require_eligible(spec)
            try:
                with self._records.database.write() as session:
                    session.add(row)
                    session.flush()
                    words = f"chooses among {', '.join(among)}"
                    self._records.audit.write(session, deed, "done", words)
            except IntegrityError:
                raise ConflictError(
                    f"There is a schedule {spec.name}: remove it first, or choose another name."
                ) from None
        return self._shown(row)

    def remove(self, actor: str, name: str, reason: str) -> None:
        """Let a schedule stand no longer; raises NotFoundError."""
        deed = Deed(actor, "schedule-remove", name, reason)
        with (
            self._records.audit.guarding(deed),
            self._records.database.write() as session,
        ):
            row = schedules.find(session, name)
            if row is None:
                known = ", ".join(each.name for each in schedules.all_(session)) or "none"
                raise NotFoundError(f"There is no schedule {name}: known are {known}.")
            session.delete(row)
            self._records.audit.write(session, deed, "done", "starts nothing any more")

    def preview(self, spec: ScheduleSpec, count: int) -> list[Turn]:
        """Return the next turns that a schedule would have; raises InvalidError as `add` does."""
        among = self._require_eligible(spec)
        return list(islice(turns(spec, self._records.clock(), among), count))

    def next(self, count: int) -> list[Turn]:
        """Return the next turns of all schedules, in their order."""
        now = self._records.clock()
        with self._records.database.read() as session:
            rows = schedules.all_(session)
        found = [
            turn
            for row in rows
            for turn in islice(turns(spec_of(row), now, self._among(row)), count)
        ]
        return sorted(found, key=lambda turn: turn.at)[:count]

    def _shown(self, row: ScheduleRow) -> Schedule:
        spec, among = spec_of(row), self._among(row)
        return Schedule(
            **spec.model_dump(),
            created_by=row.created_by,
            created_at=row.created_at,
            eligible=among,
            next=next(turns(spec, self._records.clock(), among), None),
        )

    def _among(self, row: ScheduleRow) -> list[str]:
        return eligible(spec_of(row), self._experiments.all())

    def _require_eligible(self, spec: ScheduleSpec) -> list[str]:
        experiments = self._experiments.all()
        names = {each.name for each in experiments}
        tags = {tag for each in experiments for tag in each.tags}
        for field, wanted, known in (
            ("experiments", spec.experiments, names),
            ("tags", spec.tags, tags),
        ):
            if unknown := sorted(set(wanted) - known):
                there = ", ".join(sorted(known)) or "none"
                raise InvalidError(field, f"{unknown[0]} is not known: known are {there}")
        among = eligible(spec, experiments)
        if not among:
            hit = {hit.target for each in experiments for hit in each.hits}
            raise InvalidError(
                "targets",
                f"none of these experiments hits only {', '.join(spec.targets)}: "
                f"opt in what they hit, of {', '.join(sorted(hit)) or 'nothing'}",
            )
        return among
