"""What the agent tells of components beside their health."""

from pathlib import Path

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from deploy.local.agent.gauges import Gauges
from deploy.local.processes import Identity


def test_a_new_process_in_a_component_s_place_is_a_start() -> None:
    instruments = Instruments(Process.AGENT, "test")
    gauges = Gauges(instruments)
    for pid in (100, 100, 101, 101, 102):
        gauges.show_starts({"redis": Identity(pid, 1), "postgres": Identity(7, 1)})
    text = instruments.exposition()[0].decode()
    assert 'pharos_component_starts_total{component="redis"} 2.0' in text
    assert 'pharos_component_starts_total{component="postgres"} 0.0' in text


def test_the_room_of_the_home_s_disk_is_told(tmp_path: Path) -> None:
    instruments = Instruments(Process.AGENT, "test")
    Gauges(instruments).show_disk(tmp_path)
    values = dict(
        line.split() for line in instruments.exposition()[0].decode().splitlines() if line[0] != "#"
    )
    assert 0 < float(values["pharos_disk_free_bytes"]) < float(values["pharos_disk_size_bytes"])
