"""What people and drills do to a running stack: replicas put aside, and faults under a lease."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.wiring import build_keeper
from deploy.local.agent.setting_aside import SettingAside
from deploy.local.agent.targets import ScrapeTargets

Report = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Interventions:
    """Each changes whom the gateway, or Prometheus, knows."""

    endpoints: Endpoints
    targets: ScrapeTargets
    aside: SettingAside
    keeper: Keeper


def build_interventions(
    home: Home, board: Board, environment: str, report: Report
) -> Interventions:
    """Return them; `environment` is the stack's, `report` is told of errors that are survived."""
    endpoints, targets = Endpoints(home, board), ScrapeTargets(home)
    return Interventions(
        endpoints,
        targets,
        SettingAside(home, board, endpoints),
        build_keeper(home, board, endpoints, targets, environment, report),
    )
