"""The halt, rehearsed on a real stack: nothing is left of what was injected, nor of the halt."""

import pytest

from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]

# One of each place: in a replica and at the gateway, at a process, by the agent, by a drill itself.
KINDS = ("latency", "pause", "flood", "surge", "scan")


def test_a_rehearsed_halt_leaves_nothing_and_the_switch_as_it_was(
    whole_stack: RunningStack,
) -> None:
    chosen = [f"--kind={kind}" for kind in KINDS]
    found = whole_stack.json("chaos", "rehearse-halt", *chosen, "--json", seconds=300)
    rows = found["rows"]
    assert {(row["fault"], row["note"], row["skipped"]) for row in rows} == {
        (kind, "", False) for kind in KINDS
    }
    # How soon is what the command is for; that this machine is quick is no claim of a test.
    assert all(row["clean_seconds"] is not None for row in rows)
    assert found["ended"] == ""
    assert not whole_stack.home.halt_file.exists()
