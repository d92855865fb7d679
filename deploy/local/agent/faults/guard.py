"""What is refused before anything is armed: an environment, a target, the last ready replica."""

from collections.abc import Callable

from backend.schemas.problems import FieldError
from deploy.faults.kinds import (
    AGENT,
    COMPONENTS,
    DEPENDENCIES,
    GATEWAY,
    AgentInjection,
    CutOffInjection,
    DependencyInjection,
    PoisonInjection,
    ProcessInjection,
    UnscrapedInjection,
)
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.deed import Held
from deploy.local.agent.faults.refusals import (
    ForbiddenHereError,
    HaltedError,
    LastReplicaError,
    UnfitError,
)
from deploy.local.agent.faults.unscraped import UNSCRAPED
from deploy.local.wanted import Seat

PRODUCTION = "production"


class Guard:
    """Knows the environment, the halt switch, the replicas, and which of them a lease holds."""

    def __init__(
        self,
        environment: str,
        halted: Callable[[], bool],
        board: Board,
        endpoints: Endpoints,
        held: Held,
    ) -> None:
        self._environment = environment
        self._halted = halted
        self._board = board
        self._endpoints = endpoints
        self._held = held

    def require_allowed(self, injection: AgentInjection) -> None:
        """Refuse what must not be done here and now.

        Raises:
            ForbiddenHereError: this is production.
            HaltedError: the halt switch is on.
            UnfitError: the target is none that this kind may have.
            LastReplicaError: no other api replica would serve.
        """
        if self._environment == PRODUCTION:
            raise ForbiddenHereError("this stack is production: nobody injects a fault here")
        self.require_not_halted()
        seats = {seat.id: seat for seat in self._board.wanted.seats()}
        self._require_known(injection, seats)
        seat = seats.get(injection.target)
        if injection.kind != UNSCRAPED and seat is not None and seat.role == "api":
            self._require_another(injection)

    def require_not_halted(self) -> None:
        """Refuse while the halt switch is on, as it is now.

        Raises:
            HaltedError: it is on.
        """
        if self._halted():
            raise HaltedError("faults are halted: `pharos chaos rearm --reason …` ends that")

    def _require_known(self, injection: AgentInjection, seats: dict[str, Seat]) -> None:
        known = [GATEWAY]
        if isinstance(injection, CutOffInjection | UnscrapedInjection):
            known = [name for name, seat in seats.items() if seat.role == "api"]
        elif isinstance(injection, DependencyInjection):
            known = [*DEPENDENCIES]
        elif isinstance(injection, PoisonInjection):
            known = [name for name, seat in seats.items() if seat.role == "worker"]
        elif isinstance(injection, ProcessInjection):
            known = [*seats, *COMPONENTS, *([AGENT] if injection.kind == "kill" else [])]
        if injection.target not in known:
            words = f"{injection.kind} is for one of {', '.join(known)}"
            raise UnfitError([FieldError(field="target", message=words)])

    def _require_another(self, injection: AgentInjection) -> None:
        otherwise = ""
        if isinstance(injection, ProcessInjection):
            if injection.arguments.allow_last:
                return
            otherwise = ", or set arguments.allow_last to true"
        # Whom Prometheus does not know is one that serves.
        away = [lease.target for lease in self._held() if lease.kind != UNSCRAPED]
        hit = {injection.target, *away}
        if not any(seat.id not in hit for seat in self._endpoints.serving()):
            raise LastReplicaError(
                f"no api replica but {injection.target} would serve: "
                f"scale api up by one first{otherwise}"
            )
