"""What a rehearsal found."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

REACH_SECONDS = 2.0


class Row(BaseModel):
    """One fault type. Seconds: `effect` from the injection until it was read back, `clean` from
    the click until read-back showed nothing; null where it did not come to that.

    `note` says why: not made, skipped, or what is left.
    """

    model_config = ConfigDict(frozen=True)

    fault: str
    target: str
    effect_seconds: float | None = None
    clean_seconds: float | None = None
    skipped: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Tell whether it was clean in time; what was skipped has missed nothing."""
        return self.skipped or (
            self.clean_seconds is not None and self.clean_seconds <= REACH_SECONDS
        )


class Rehearsal(BaseModel):
    """One run of it; `ended` is empty when it came to its end, else why it did not."""

    model_config = ConfigDict(frozen=True)

    run: str
    at: AwareDatetime
    reason: str
    rows: list[Row]
    ended: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether nothing was rehearsed: this stack can make none of these faults."""
        return not self.ended and all(row.skipped for row in self.rows)

    @property
    def met(self) -> bool:
        return not self.ended and not self.empty and all(row.met for row in self.rows)
