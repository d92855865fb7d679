"""Puts together what a game day works with; imported only when one is held."""

from pathlib import Path

from chaos.cli.room import INCONCLUSIVE, REFUSED, WRONG, fail
from chaos.client import ControlClient
from chaos.gameday.agenda import Agenda
from chaos.gameday.calm import Calm
from chaos.gameday.load import Load, day_plan
from chaos.gameday.run import Around, Say
from chaos.signals.sources import StackSources
from chaos.traffic.plan import UsageError
from chaos.traffic.target import NoTargetError, RefusedTargetError, find_target
from deploy.home import Home
from deploy.local.driver import LocalDriver


def around(
    home: Home, client: ControlClient, agenda: Agenda, trace: Path | None, say: Say
) -> Around:
    """Return the surroundings; ends the command where the traffic cannot be made."""
    calm = Calm(LocalDriver(home), StackSources(home), client)
    return Around(home, client, calm, _load(home, agenda, trace), say)


def _load(home: Home, agenda: Agenda, trace: Path | None) -> Load | None:
    if agenda.rate is None:
        return None
    try:
        return Load(day_plan(agenda.rate, trace), find_target(home), home)
    except UsageError as error:
        fail(f"{error.option}: {error}", WRONG)
    except RefusedTargetError as error:
        fail(str(error), REFUSED)
    except NoTargetError as error:
        fail(str(error), INCONCLUSIVE)
