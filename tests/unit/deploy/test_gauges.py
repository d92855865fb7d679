"""What the agent tells of components beside their health."""

from pathlib import Path

import pytest

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from deploy.local.agent.gauges import Gauges
from deploy.local.processes import Identity
from deploy.local.specs import LaunchRecord


def start(number: int, pid: int) -> LaunchRecord:
    return LaunchRecord(Identity(pid, 1), short_runs=0, since=0.0, starts=number)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([(4, 100), (4, 100)], 0),
        ([(1, 100), (2, 101), (2, 101), (3, 102)], 2),
        ([(1, 100), (4, 103)], 3),
        ([(4, 100), (1, 101)], 1),
        ([(1, 100), (1, 101)], 1),
    ],
    ids=["none", "each of them", "two of them unseen", "set up anew", "set up anew early"],
)
def test_starts_are_counted_since_the_last_look(looks: list[tuple[int, int]], told: int) -> None:
    instruments = Instruments(Process.AGENT, "test")
    gauges = Gauges(instruments)
    for number, pid in looks:
        gauges.show_starts({"relay": start(number, pid)})
    text = instruments.exposition()[0].decode()
    assert f'pharos_component_starts_total{{component="relay"}} {told}.0' in text


def test_the_room_of_the_home_s_disk_is_told(tmp_path: Path) -> None:
    instruments = Instruments(Process.AGENT, "test")
    Gauges(instruments).show_disk(tmp_path)
    values = dict(
        line.split() for line in instruments.exposition()[0].decode().splitlines() if line[0] != "#"
    )
    assert 0 < float(values["pharos_disk_free_bytes"]) < float(values["pharos_disk_size_bytes"])
