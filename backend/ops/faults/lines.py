"""The log lines of a fault: one when it begins, one when nothing is left of it."""

import logging

from backend.ops.faults.lease import End, Held

logger = logging.getLogger(__name__)


def injected(held: Held) -> None:
    seconds = held.lease_seconds
    _tell(logging.WARNING, held, "fault-injected", f"is injected for {seconds:g} s")


def ended(held: Held, end: End) -> None:
    if end is End.EXPIRED:
        _tell(logging.WARNING, held, end, "has expired: nobody renewed or reverted it")
    else:
        _tell(logging.INFO, held, end, "is reverted")


def stuck(held: Held) -> None:
    _tell(logging.ERROR, held, "fault-stuck", f"cannot be undone: {held.effect.detail()}")


def _tell(level: int, held: Held, action: str, what: str) -> None:
    fields = {"event.action": str(action), "pharos.fault": held.injection.id}
    name, kind = held.injection.id, held.injection.kind
    logger.log(level, "The fault %s (%s) %s", name, kind, what, extra=fields)
