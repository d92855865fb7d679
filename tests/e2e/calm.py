"""Waiting until a drill may start: what earlier tests broke may still page somebody."""

from tests.fixtures.running import RunningStack, eventually


def until_let_in(stack: RunningStack, experiment: str) -> None:
    """Wait until every guard of the standard profile lets the experiment start."""
    eventually(
        lambda: stack.run("chaos", "guards", experiment),
        lambda said: said.returncode == 0,
        f"the guards let {experiment} start",
        seconds=180,
    )
