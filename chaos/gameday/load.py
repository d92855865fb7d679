"""The traffic of a game day: a load run beside it, in a thread of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop

from chaos.traffic import lines
from chaos.traffic.plan import MAX_SECONDS, Plan, make_plan
from chaos.traffic.run import Finished, UnreachableError, new_run_id, run_load
from chaos.traffic.target import Target
from chaos.traffic.trace import TraceError
from deploy.home import Home

logger = logging.getLogger(__name__)


def day_plan(rate: float, trace: Path | None = None) -> Plan:
    """Return a plan that outlasts a game day; raises `chaos.traffic.plan.UsageError`.

    It is the game day that ends it: how long drills take is not to be guessed. One that nobody
    ends does not go on for ever.
    """
    return make_plan(trace, rate, None, None, MAX_SECONDS)


class Load:
    """One load run, from `begin` to `end`, unless it ends by itself before."""

    def __init__(self, plan: Plan, target: Target, home: Home) -> None:
        self._plan, self._target, self._home = plan, target, home
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._end: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._finished: Finished | None = None
        self._trouble: str | None = None

    def begin(self) -> None:
        """Return once requests are sent, or once they cannot be: `end` says which."""
        self._thread.start()
        self._begun.wait()

    @property
    def alive(self) -> bool:
        """Tell whether it goes on; `end` says why not."""
        return self._thread.is_alive()

    def end(self) -> tuple[Finished | None, str | None]:
        """End it, and return its figures, or why there are none."""
        loop, end = self._loop, self._end
        if loop is not None and end is not None:
            with suppress(RuntimeError):  # it ended by itself a moment ago, and its loop with it
                loop.call_soon_threadsafe(end)
        if self._thread.ident is not None:
            self._thread.join()
        return self._finished, self._trouble

    def _run(self) -> None:
        run = new_run_id()
        try:
            lines.open_log(self._home.logs, run)
            lines.tell_begin(run, self._plan)
            self._finished = uvloop.run(
                run_load(
                    self._plan, self._target, self._home.runs, run, self._ended_by, shown=False
                )
            )
            lines.tell_end(self._finished)
        except (UnreachableError, TraceError, OSError) as error:
            self._trouble = str(error)
            lines.tell_failure(run, error)
        except Exception as error:  # whatever it is, `end` tells it
            self._trouble = f"the load generator broke: {error!r}"
            logger.exception("The load of the game day broke")
        finally:
            self._begun.set()

    @contextmanager
    def _ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        self._loop, self._end = asyncio.get_running_loop(), end
        self._begun.set()
        yield
        self._loop = None
