"""What an experiment needs of the stack: extras that it has only when it was started with them."""

from dataclasses import dataclass

from console.control.services.guards.guard import Answer, Asked, ok, refused
from deploy.home import Home
from deploy.local.wanted import missing_extras


@dataclass(frozen=True, slots=True)
class Needs:
    """Reads what `up` was last asked for."""

    home: Home

    def __call__(self, asked: Asked) -> Answer:
        needs = asked.experiment.needs
        missing = missing_extras(self.home, needs)
        if missing:
            extras = " ".join(f"--with {name}" for name in missing)
            return refused(
                f"The stack has no {' and no '.join(missing)}.", f"`pharos up {extras}`."
            )
        if needs:
            return ok(f"The stack has what is needed: {', '.join(needs)}.")
        return ok("Nothing but the stack itself is needed.")
