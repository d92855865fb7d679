"""What `up` gets before it starts anything, and how an extra is known."""

from pathlib import Path

import pytest

from deploy.home import Home
from deploy.local import extras, parts
from deploy.local.acquire import AcquireError
from deploy.local.wanted import Wanted
from deploy.ports import Ports

WITH_ERRORS = Wanted(extras=frozenset({"errors"}))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Ports(9000))


def _cannot_be_had(_: extras.Say) -> Path:
    raise AcquireError("the error tracker could not be installed")


def test_the_tracker_is_got_where_it_is_wanted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "tracker", _cannot_be_had)
    with pytest.raises(AcquireError, match="the error tracker"):
        parts.REAL.obtain(home, WITH_ERRORS, print)


def test_the_tracker_is_left_alone_where_it_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "tracker", _cannot_be_had)
    monkeypatch.setattr(parts, "programs", lambda _: None)
    assert parts.REAL.obtain(home, Wanted(), print) is None


def test_the_trackers_sign_in_names_the_passwords_file_and_not_the_password(home: Home) -> None:
    told = extras.notes(home)["errors"]
    assert told == f"sign in as pharos@localhost, password in {home.keys}/errors_password"


def test_an_unknown_extra_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(extras.UnknownExtraError, match="--with sails: known is errors, the error"):
        extras.require_known(["errors", "sails"])


@pytest.mark.parametrize("extra", extras.EXTRAS.values(), ids=lambda extra: extra.name)
def test_an_extras_checks_and_components_are_among_those_that_it_may_have(
    home: Home, extra: extras.Extra
) -> None:
    assert set(extra.checks(home)) <= set(extra.may_have)
    assert set(extra.may_have) <= set(extras.COMPONENTS)


def test_extras_are_settled_as_what_is_wanted_keeps_them() -> None:
    settled = extras.settled({"elk", "grafana"})
    assert isinstance(settled, frozenset)
    assert "elk" in settled
