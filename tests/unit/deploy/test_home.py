"""Homes, ports, secrets and folders of a stack."""

import os
import stat
import threading
from pathlib import Path

import pytest

from deploy.access import NoAccessError, control_access
from deploy.home import Home
from deploy.local.down import down
from deploy.local.layout import (
    MODES,
    BusyError,
    StackError,
    changing,
    prepare_home,
    private_sockets,
)
from deploy.ports import MAX_REPLICAS, OFFSETS, SPAN, Ports
from deploy.secrets import SECRETS, digest, ensure_secrets, read_secret
from tests.fixtures.running import PATIENCE


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", Ports(9000))


@pytest.mark.parametrize("text", ["", "x", "-1", "80", "65536", "65500", "7400.0"])
def test_a_port_base_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="PHAROS_PORT_BASE"):
        Ports.parse(text)


def test_no_two_parts_share_a_port() -> None:
    ports = Ports(9000)
    slots = [port for slot in range(1, MAX_REPLICAS + 1) for port in ports.replica(slot)]
    every = [ports[name] for name in OFFSETS] + slots
    assert len(set(every)) == len(every)
    assert all(9000 <= port < 9000 + SPAN for port in every)


def test_two_homes_have_two_marks(tmp_path: Path) -> None:
    one, other = Home(tmp_path / "a", Ports(9000)), Home(tmp_path / "b", Ports(9000))
    assert one.stack_id != other.stack_id


def test_secrets_are_made_once_and_stay(home: Home) -> None:
    ensure_secrets(home.keys)
    before = {name: read_secret(home.keys, name) for name in SECRETS}
    ensure_secrets(home.keys)
    assert {name: read_secret(home.keys, name) for name in SECRETS} == before
    assert len(set(before.values())) == len(SECRETS)


def test_the_product_is_told_the_digest_of_the_token_never_the_token(home: Home) -> None:
    ensure_secrets(home.keys)
    token = read_secret(home.keys, "service_token")
    told = read_secret(home.keys, "service_tokens")
    assert told == f"load={digest(token)}"
    assert token not in told


def _with_histories(home: Home) -> None:
    prepare_home(home)
    for path in (home.halt_file, home.ledger_file, home.rehearsals_file):
        path.touch()
    home.game_days.mkdir()


def test_a_wipe_leaves_nothing_but_what_an_operator_wrote(home: Home) -> None:
    _with_histories(home)
    home.alerting_file.touch()
    down(home, print, wipe=True)
    assert list(home.root.iterdir()) == [home.alerting_file]


def test_what_drills_left_is_not_taken_for_somebody_else_s(home: Home) -> None:
    _with_histories(home)
    for name in MODES:
        if name != "root":
            (home.root / name).rmdir()
    prepare_home(home)


def test_another_user_may_pass_but_not_look(home: Home) -> None:
    prepare_home(home)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.root.iterdir()}
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o711
    assert (modes["data"], modes["keys"], modes["logs"]) == (0o711, 0o700, 0o755)


def test_somebody_elses_folder_is_not_taken_for_a_home(home: Home) -> None:
    home.root.mkdir()
    (home.root / "thesis.tex").touch()
    with pytest.raises(StackError, match=r"thesis\.tex"):
        prepare_home(home)
    assert [path.name for path in home.root.iterdir()] == ["thesis.tex"]


def _somebody_elses(home: Home) -> dict[str, str]:
    """Make a folder of another program that names its folders as we do."""
    for name in ("conf", "data", "logs", "run", "keys", "run/leases"):
        (home.root / name).mkdir(parents=True)
    (home.root / "stack.json").write_text("theirs")
    (home.root / "data" / "thesis.tex").write_text("theirs")
    (home.keys / "door").write_text("theirs")
    return _files(home)


def _files(home: Home) -> dict[str, str]:
    return {
        str(path.relative_to(home.root)): path.read_text() if path.is_file() else ""
        for path in home.root.rglob("*")
    }


def test_folders_named_like_ours_make_no_home(home: Home) -> None:
    before = _somebody_elses(home)
    with pytest.raises(StackError, match="conf, data, keys"):
        prepare_home(home)
    assert _files(home) == before


@pytest.mark.parametrize("wipe", [True, False])
def test_nothing_is_stopped_or_removed_in_somebody_elses_folder(home: Home, wipe: bool) -> None:
    before = _somebody_elses(home)
    with pytest.raises(StackError, match="no home of Pharos"):
        down(home, print, wipe=wipe)
    assert _files(home) == before


def test_a_home_of_an_earlier_release_is_known_by_its_keys(home: Home) -> None:
    prepare_home(home)
    ensure_secrets(home.keys)
    home.mark_file.unlink()
    assert down(home, print, wipe=True).wiped
    assert list(home.root.iterdir()) == []


def test_a_home_that_was_half_made_can_be_used_and_wiped(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.layout.MODES", {"root": 0o711, "run": 0o711})
    prepare_home(home)
    monkeypatch.undo()
    prepare_home(home)
    down(home, print, wipe=True)
    assert list(home.root.iterdir()) == []


def test_a_wipe_that_failed_half_way_can_be_said_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_histories(home)
    (home.data / "kept").touch()
    with monkeypatch.context() as broken:
        broken.setattr("shutil.rmtree", _refuse)
        with pytest.raises(StackError, match="cannot remove"):
            down(home, print, wipe=True)
    assert down(home, print, wipe=True).wiped
    assert list(home.root.iterdir()) == []


def _refuse(path: Path) -> None:
    raise PermissionError(1, "not allowed", str(path))


def test_what_was_laid_down_before_the_first_up_makes_no_stranger(home: Home) -> None:
    for name in ("keys/smtp_password", "runs/load-1.jsonl", "alerting.yaml"):
        (home.root / name).parent.mkdir(parents=True, exist_ok=True)
        (home.root / name).touch()
    prepare_home(home)


def test_runs_of_another_program_are_left_alone(home: Home) -> None:
    (home.runs / "model-1").mkdir(parents=True)
    with pytest.raises(StackError, match="runs"):
        prepare_home(home)


def test_a_home_in_the_way_of_a_file_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="PHAROS_HOME"):
        prepare_home(Home(tmp_path / "file" / "home", Ports(9000)))


def test_a_long_home_still_gets_sockets_that_fit(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("d" * 60) / ("e" * 60), Ports(9000))
    prepare_home(deep)
    folder = private_sockets(deep)
    assert len(os.fsencode(folder)) < 90
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_sockets_in_a_folder_that_others_may_enter_are_refused(home: Home) -> None:
    prepare_home(home)
    private_sockets(home).chmod(0o755)
    with pytest.raises(StackError, match="0700"):
        private_sockets(home)


def test_only_one_changes_the_stack_at_a_time(home: Home) -> None:
    prepare_home(home)
    order: list[str] = []
    with changing(home):
        with pytest.raises(BusyError, match=f"pid {os.getpid()}"), changing(home):
            pass
        told = threading.Event()
        waiter = threading.Thread(target=_change, args=(home, told, order))
        waiter.start()
        assert told.wait(PATIENCE)
        order.append("first")
    waiter.join()
    assert order == ["first", "second"]


def _change(home: Home, told: threading.Event, order: list[str]) -> None:
    with changing(home, lambda _: told.set()):
        order.append("second")


def test_the_local_operators_token_opens_the_local_service(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PHAROS_URL", raising=False)
    monkeypatch.delenv("PHAROS_TOKEN", raising=False)
    with pytest.raises(NoAccessError, match="pharos up"):
        control_access(home)
    ensure_secrets(home.keys)
    access = control_access(home)
    assert access.url == "http://127.0.0.1:9002"
    assert access.token == read_secret(home.keys, "operator_token")


def test_an_address_elsewhere_needs_its_token(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_secrets(home.keys)
    monkeypatch.setenv("PHAROS_URL", "https://pharos.example/")
    monkeypatch.delenv("PHAROS_TOKEN", raising=False)
    with pytest.raises(NoAccessError, match="PHAROS_TOKEN"):
        control_access(home)
    monkeypatch.setenv("PHAROS_TOKEN", "theirs")
    assert control_access(home).url == "https://pharos.example"
