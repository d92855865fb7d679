"""The guards that need nobody: the environment, the halt switch, and another drill."""

from dataclasses import dataclass
from pathlib import Path

from console.control.services.guards.guard import Answer, Asked, ok, refused
from console.control.services.halt_switch import read_halt
from console.schemas import Environment


@dataclass(frozen=True, slots=True)
class NotInProduction:
    """Keeps drills out of production."""

    environment: Environment

    def __call__(self, _: Asked) -> Answer:
        if self.environment == "production":
            return refused(
                "Drills do not run in production.",
                "Run it on a stack whose PHAROS_ENVIRONMENT is local or staging.",
            )
        return ok(f"The environment is {self.environment}.")


@dataclass(frozen=True, slots=True)
class NotHalted:
    """Lets none start while drills are halted."""

    file: Path

    def __call__(self, _: Asked) -> Answer:
        halt = read_halt(self.file)
        if not halt.on:
            return ok("The halt switch is off.")
        since = f" since {halt.since:%Y-%m-%d %H:%M} UTC" if halt.since else ""
        return refused(
            f"Drills are halted{since} by {halt.by or 'somebody unknown'}: "
            f"{halt.reason or 'no reason given'}.",
            "When it is safe again, an admin re-arms: `pharos chaos rearm --reason …`.",
        )


def alone(asked: Asked) -> Answer:
    """Let one drill at a time run."""
    if not asked.running:
        return ok("No other drill is running.")
    return refused(
        f"Drill {asked.running[0]} has not ended.",
        "Wait for its end, or halt it: `pharos chaos halt`.",
    )
