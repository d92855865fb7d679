"""What `up` gets before it starts anything."""

from pathlib import Path

import pytest

from deploy.home import Home
from deploy.local import links, parts
from deploy.local.acquire import AcquireError
from deploy.local.wanted import Wanted
from deploy.ports import Ports


def _cannot_be_had(_: parts.Say) -> Path:
    raise AcquireError("the error tracker could not be installed")


def test_the_tracker_is_got_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "tracker", _cannot_be_had)
    with pytest.raises(AcquireError, match="the error tracker"):
        parts.REAL.obtain(Wanted(errors=True), print)


def test_the_tracker_is_left_alone_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "tracker", _cannot_be_had)
    monkeypatch.setattr(parts, "programs", lambda _: None)
    assert parts.REAL.obtain(Wanted(), print) is None


def test_the_trackers_sign_in_names_the_passwords_file_and_not_the_password(
    tmp_path: Path,
) -> None:
    told = links.tracker_sign_in(Home(tmp_path, Ports(9000)))
    assert told == f"sign in as pharos@localhost, password in {tmp_path}/keys/errors_password"
