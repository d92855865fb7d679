"""Faults in the gateway: what its runtime file says is what the leases say, and is read back."""

import http.client
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deploy.envoy.runtime import abort, effective, latency, runtime_file, wanted, write_runtime
from deploy.faults.kinds import GATEWAY
from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm, Held
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.running import require_gateway
from deploy.local.servers.probe import NotHealthyError, get_json
from deploy.local.specs import running

logger = logging.getLogger(__name__)

VALUES: Mapping[str, Callable[..., dict[str, Any]]] = {"latency": latency, "abort": abort}


def _values(leases: Sequence[Lease]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for lease in leases:
        if lease.kind in VALUES:
            values |= VALUES[lease.kind](**lease.arguments)
    return values


def _unasked(held: Sequence[Lease], told: Mapping[str, int]) -> str:
    asked = wanted(_values(held))
    loose = sorted(f"{key}={value}" for key, value in told.items() if asked.get(key) != value)
    return f"the gateway follows {', '.join(loose)}" if loose else ""


class GatewayFault:
    """Latency and aborts. `held` returns the leases that are to be in force now."""

    def __init__(self, home: Home, held: Held) -> None:
        self._home = home
        self._held = held

    def claim(self, lease: Lease) -> str:
        return f"the gateway's {lease.kind}"

    def check(self, lease: Lease) -> None:  # noqa: ARG002
        """Refuse while there is no gateway.

        Raises:
            NotRunningError: it does not run.
        """
        require_gateway(self._home)

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._write()
        return lease

    def missing(self, lease: Lease) -> str:
        told = self._told()
        lacking = wanted(_values([lease])).items() - told.items()
        return f"the gateway follows {told or 'no fault'} by now" if lacking else ""

    def keep(self, lease: Lease) -> None:  # noqa: ARG002
        self._write()

    def undo(self, lease: Lease) -> None:  # noqa: ARG002
        self._write()

    def left(self, lease: Lease) -> str:
        """Say so while the gateway follows a value of this lease's that no other asks for.

        One that does not run follows nothing; when it starts it reads the file.
        """
        if running(self._home, lease.target) is None:
            return ""
        told, mine = self._told(), wanted(_values([lease]))
        return _unasked(self._held(), {key: told[key] for key in mine if key in told})

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        why = self.missing(lease)
        return f"not in effect: {why}" if why else "the gateway follows it"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        """Name what the gateway follows though nobody asks for it.

        One that does not answer is not known to follow anything; the file has
        what it will follow, and is kept as the leases say.
        """
        if running(self._home, GATEWAY) is None:
            return []
        try:
            why = _unasked(held, self._told())
        except OSError as error:
            logger.debug("The gateway's faults are not known: %s", error)
            return []
        return [why] if why else []

    def sweep(self, held: Sequence[Lease]) -> None:  # noqa: ARG002
        self._write()

    def _write(self) -> None:
        write_runtime(runtime_file(self._home), _values(self._held()))

    def _told(self) -> dict[str, int]:
        """Ask the gateway what it follows.

        Raises:
            OSError: it does not answer.
        """
        try:
            return effective(get_json(self._home.ports["gateway-admin"], "/runtime"))
        except (NotHealthyError, http.client.HTTPException, ValueError, LookupError) as error:
            raise OSError(f"the gateway does not tell its runtime values: {error}") from error
