"""Where lines are shipped to, and the configuration that the shipper gets."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.elk.shipper import Places, configuration, text
from deploy.elk.store import Store, StoreError, given_store, keep_store, store_of
from deploy.home import Home
from deploy.local import acquire
from deploy.ports import Ports


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "conf").mkdir()
    return Home(tmp_path, Ports(9000))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text('pa"ss$word\\\n')
    return path


def _places(root: Path) -> Places:
    return Places(
        "a-host", "abcd1234", root / "logs", root / "state", root / "refused", root / "again"
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"URL": "elastic:9200"}, "must look like https://host:9200"),
        ({"URL": "https://me:secret@elastic"}, "must not hold a password"),
        ({"URL": "https://elastic", "USER": "me"}, "set both or neither"),
        ({"URL": "https://elastic", "CA": "/nowhere/ca.pem"}, "there is no file /nowhere/ca.pem"),
        (
            {"URL": "https://elastic", "USER": "me", "PASSWORD_FILE": "/nowhere"},
            "/nowhere cannot be read",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_variables_name(
    variables: dict[str, str], words: str
) -> None:
    given = {f"PHAROS_ELASTICSEARCH_{name}": value for name, value in variables.items()}
    with pytest.raises(StoreError, match="PHAROS_ELASTICSEARCH_") as refusal:
        given_store(given)
    assert words in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_password_that_others_can_read_is_refused(secret: Path) -> None:
    secret.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        Store(url="https://elastic:9200", user="me", password_file=secret).password()


def test_a_given_store_is_remembered_and_forgotten(home: Home) -> None:
    keep_store(home, given_store({"PHAROS_ELASTICSEARCH_URL": "http://elastic"}))
    assert store_of(home) == Store(url="http://elastic:9200", given=True)
    keep_store(home, None)
    assert store_of(home) == Store(url="http://127.0.0.1:9021")


def test_the_password_is_in_no_remembered_file(home: Home, secret: Path) -> None:
    keep_store(home, Store(url="https://elastic:9200", user="me", password_file=secret))
    assert not [path for path in home.conf.iterdir() if "pa" + '"ss' in path.read_text()]


def test_a_line_break_cannot_enter_the_configuration() -> None:
    with pytest.raises(ValueError, match="line break"):
        text('a"\nmodule(load="imudp")')


def test_rsyslog_itself_takes_the_configuration_with_a_user_and_tls(
    tmp_path: Path, secret: Path
) -> None:
    shipper = acquire.shipper(print)
    places = _places(tmp_path)
    places.state.mkdir()
    (tmp_path / "ca.pem").touch()
    store = Store(
        url="https://elastic:9200", user="me", password_file=secret, ca=tmp_path / "ca.pem"
    )
    file = tmp_path / "rsyslog.conf"
    file.write_text(configuration(places, store))
    answer = subprocess.run(
        [shipper.executable, "-N1", "-f", file, "-M", shipper.modules, "-i", "NONE"],
        env=os.environ | shipper.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "error" not in answer.stderr


def test_the_shipper_listens_nowhere_and_reads_nothing_but_the_stacks_logs(tmp_path: Path) -> None:
    written = configuration(_places(tmp_path), Store(url="http://elastic:9200"))
    loaded = [line for line in written.splitlines() if line.startswith(("module", "input"))]
    assert [line for line in loaded if 'load="im' in line] == [
        'module(load="imfile" mode="inotify")'
    ]
    assert all(str(tmp_path / "logs") in line for line in loaded if line.startswith("input"))
