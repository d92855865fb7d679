"""Waiting until a drill may start: what earlier tests broke may still page somebody."""

from tests.fixtures.running import RunningStack, eventually


def until_let_in(stack: RunningStack, experiment: str, profile: str = "standard") -> None:
    """Wait until every guard of the profile lets the experiment start."""
    eventually(
        lambda: stack.run("chaos", "guards", experiment, "--profile", profile),
        lambda said: said.returncode == 0,
        f"the guards let {experiment} start",
        seconds=180,
    )
