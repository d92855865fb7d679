"""Grafana where the machine has one: a stand-in that reads what the real one would."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.elk.store import Store, keep_store
from deploy.home import Home
from deploy.local import extras
from deploy.local.component import PreparationError
from deploy.local.servers import grafana
from deploy.local.wanted import Wanted, write_wanted
from tests.fakes import grafana as stand_in
from tests.integration.deploy_servers.running import running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an installation's folder, with the program and what lies around it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "defaults.ini").touch()
    program = tmp_path / "bin" / "grafana"
    source = Path(stand_in.__file__).read_text().removeprefix("#!/usr/bin/env python3\n")
    program.write_text(f"#!{sys.executable}\n{source}")
    program.chmod(0o755)
    monkeypatch.setenv("PHAROS_GRAFANA_HOME", str(tmp_path))
    monkeypatch.delenv("PHAROS_GRAFANA_URL", raising=False)
    return tmp_path


def _seen(home: Home) -> Any:
    with running(grafana.component(home)) as started:
        assert started.component.health().version == "12.0.0"
        return json.loads((home.data / "grafana" / "seen.json").read_text())


def test_it_is_started_with_our_files_and_keeps_to_the_machine(home: Home, folder: Path) -> None:
    seen = _seen(home)
    settings = seen["settings"]
    assert settings["server"]["http_addr"] == "127.0.0.1"
    assert settings["auth.anonymous"]["enabled"] == "false"
    assert settings["analytics"]["reporting_enabled"] == "false"
    assert seen["homepath"] == str(folder)
    sources = seen["provisioned"]["datasources/pharos.yaml"]["datasources"]
    assert [source["uid"] for source in sources] == ["pharos-prometheus", "pharos-alertmanager"]
    assert sources[0]["url"] == f"http://127.0.0.1:{home.ports['prometheus']}"
    link = sources[0]["jsonData"]["exemplarTraceIdDestinations"][0]["url"]
    logs = f"http://127.0.0.1:{home.ports['console']}/logs"
    assert link == f"{logs}?since=24h&request_id=${{__value.raw}}"


def test_its_dashboards_lead_to_this_stacks_console(home: Home, folder: Path) -> None:
    seen = _seen(home)
    provider = seen["provisioned"]["dashboards/pharos.yaml"]["providers"][0]
    files = sorted(Path(provider["options"]["path"]).glob("*.json"))
    assert len(files) == 6
    for file in files:
        variables = json.loads(file.read_text())["templating"]["list"]
        console = next(each for each in variables if each["name"] == "console")
        assert console["query"] == f"http://127.0.0.1:{home.ports['console']}"


def test_logs_become_a_source_where_they_are_shipped(home: Home, folder: Path) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk", "grafana"})))
    keep_store(home, Store(url="http://127.0.0.1:9200", given=True))
    found = _seen(home)["provisioned"]["datasources/elasticsearch.yaml"]["datasources"]
    assert found[0]["url"] == "http://127.0.0.1:9200"


def test_where_there_is_one_it_comes_without_being_asked_for(folder: Path) -> None:
    assert extras.settled({"errors"}) == {"errors", "grafana"}
    assert extras.absent(extras.settled({"errors"})) == []


def test_where_there_is_none_it_is_said_in_one_line(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_GRAFANA_HOME", str(folder / "nothing"))
    assert extras.settled({"grafana", "errors"}) == {"errors"}
    assert extras.absent({"errors"}) == [grafana.ABSENT]
    with pytest.raises(PreparationError, match="no Grafana on this machine"):
        grafana.component(home)


def test_another_grafana_that_is_configured_takes_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_GRAFANA_URL", "https://grafana.example")
    assert extras.settled(()) == frozenset()
    assert extras.absent(()) == []


def test_the_control_service_is_told_where_it_is_and_who_we_are(home: Home, folder: Path) -> None:
    grafana.component(home).prepare()
    told = extras.environment(home, {"grafana"})
    assert told["PHAROS_GRAFANA_URL"] == f"http://127.0.0.1:{home.ports['grafana']}"
    assert Path(told["PHAROS_GRAFANA_PASSWORD_FILE"]).stat().st_mode & 0o077 == 0
