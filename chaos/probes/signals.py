"""Waits for what is watched beside the drill: expected signals to come, alerts to resolve.

Neither wait judges: each ends when everything is decided, which it is at the
latest when its time is over.
"""

from collections.abc import Callable

from chaos.drill import activity, current

# The observer decides a second or two after a signal's time is over; a search may take longer.
LONGEST = 2400.0


@activity
def seen() -> bool:
    """Wait until each expected signal was seen or is late.

    Raises:
        AbortedError: the drill is aborted meanwhile.
    """
    return _none_left(current().signals.awaited)


@activity
def resolved() -> bool:
    """Wait until each expected alert that was delivered has resolved, or is late.

    Raises:
        AbortedError: the drill is aborted meanwhile.
    """
    return _none_left(current().signals.unresolved)


def _none_left(left: Callable[[], list[str]]) -> bool:
    drill = current()
    return any(not left() for _ in drill.poll_until(LONGEST))
