"""Freeze windows: times in which somebody has said that no drill starts."""

from dataclasses import dataclass

from console.control.services.freeze_times import in_words
from console.control.services.freezes import Freezes
from console.control.services.guards.guard import Answer, Asked, ok, refused


@dataclass(frozen=True, slots=True)
class NotFrozen:
    """Looks at the windows that hold now."""

    freezes: Freezes

    def __call__(self, _: Asked) -> Answer:
        windows = self.freezes.all()
        holding = [
            f"{each.name} ({in_words(each)}: {each.reason}) holds until "
            f"{each.holds_until:%Y-%m-%d %H:%M}"
            for each in windows
            if each.holds_until is not None
        ]
        if not holding:
            return ok(f"None of {len(windows)} freeze windows holds.")
        return refused(
            f"{'; '.join(holding)}.",
            "Wait for its end, or let an admin take it away: `pharos chaos freeze remove NAME`.",
        )
