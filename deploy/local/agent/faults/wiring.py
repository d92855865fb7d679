"""Puts the faults of one stack together."""

from collections.abc import Callable
from functools import partial

from backend.schemas.halting import HaltSwitch
from deploy.home import Home
from deploy.local.agent.backstop.starting import BackstopProcess
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.certificate import EndingCertificate
from deploy.local.agent.faults.cutting import CutOff
from deploy.local.agent.faults.deed import Deed
from deploy.local.agent.faults.dependency import DependencyFault
from deploy.local.agent.faults.down import Down
from deploy.local.agent.faults.ending import Ending
from deploy.local.agent.faults.flood import Flood
from deploy.local.agent.faults.gateway import GatewayFault
from deploy.local.agent.faults.guard import Guard
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.poison import Poison
from deploy.local.agent.faults.posting import Posting
from deploy.local.agent.faults.processes import Kill, Pause, Terminate
from deploy.local.agent.faults.queues import Queues
from deploy.local.agent.faults.register import Register
from deploy.local.agent.faults.stray import StrayStop
from deploy.local.agent.faults.unscraped import Unscraped
from deploy.local.agent.targets import ScrapeTargets
from deploy.secrets import read_secret

Report = Callable[[Exception], None]


def build_keeper(  # noqa: PLR0913, PLR0917 - the parts it is wired from
    home: Home,
    board: Board,
    endpoints: Endpoints,
    targets: ScrapeTargets,
    environment: str,
    report: Report,
) -> Keeper:
    """Return the keeper of a stack's leases; `report` is told of errors that it survives."""
    register = Register(LeaseStore(home))
    gateway = GatewayFault(home, register.in_force)
    deeds: dict[str, Deed] = {
        "kill": Kill(home),
        "terminate": Terminate(home),
        "pause": Pause(home),
        "down": Down(home),
        "latency": gateway,
        "abort": gateway,
        "cut-off": CutOff(board, endpoints, register.in_force),
        "dependency": DependencyFault(home),
        "certificate": EndingCertificate(home),
        "unscraped": Unscraped(board, targets, register.in_force),
        "stray-stop": StrayStop(home),
        "poison": Poison(Queues(home)),
        "flood": Flood(home, partial(_post, home)),
    }
    halt = HaltSwitch(home.halt_file)
    guard = Guard(environment, halt.on, board, endpoints, register.in_force)
    ending = Ending(register, deeds, halt.seen, report)
    return Keeper(register, deeds, guard, ending, BackstopProcess(home).require)


def _post(home: Home, lease: Lease) -> Posting:
    token = read_secret(home.keys, "service_token")
    return Posting(home.ports["gateway"], token, **lease.arguments)
