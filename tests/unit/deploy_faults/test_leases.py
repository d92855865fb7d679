"""How long a lease lasts, and what is on disk of it."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.faults import leases
from deploy.local.agent.faults.leases import Lease, LeaseStore


def armed(seconds: float = 30, **changes: object) -> Lease:
    content = {"id": "a", "kind": "pause", "target": "redis", "lease_seconds": seconds}
    return Lease.armed(AGENT_INJECTION.validate_python(content)).model_copy(update=changes)


def test_a_lease_counts_down_by_the_clock_that_nobody_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lease = armed(30)
    monkeypatch.setattr(leases, "uptime", lambda: lease.since + 12)
    assert lease.left == pytest.approx(18)
    monkeypatch.setattr(leases, "uptime", lambda: lease.since + 31)
    assert lease.left == 0


def test_a_wall_clock_that_jumps_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    future, past = (datetime.now(UTC) + timedelta(days=sign) for sign in (1, -1))
    for moment in (future, past):
        lease = armed(30, injected_at=moment)
        with monkeypatch.context() as later:
            later.setattr(leases, "uptime", lambda since=lease.since: since + 12)
            assert lease.left == pytest.approx(18)


def test_a_clock_that_jumps_backwards_prolongs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lease = armed(30)
    monkeypatch.setattr(leases, "uptime", lambda: lease.since - 1000)
    assert lease.left == 30


def test_a_lease_of_another_boot_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    lease = armed(30)
    monkeypatch.setattr(leases, "boot_id", lambda: "another")
    assert lease.left == 0


def test_what_is_saved_is_found_and_what_is_dropped_is_not(home: Home) -> None:
    store, lease = LeaseStore(home), armed()
    assert store.load().leases == []
    store.save(lease)
    store.save(lease.done())
    assert store.load().leases == [lease.done()]
    store.drop("a")
    assert store.load().leases == []


def test_what_was_being_written_was_never_armed(home: Home) -> None:
    store = LeaseStore(home)
    store.save(armed())
    unfinished = home.leases / "b.json.fresh"
    unfinished.write_text('{"id": "b"')
    found = store.load()
    assert ([lease.id for lease in found.leases], found.unreadable) == (["a"], [])
    assert not unfinished.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "a"}', "\x00\x00"])
def test_a_file_that_is_no_lease_is_told_apart(home: Home, text: str) -> None:
    store = LeaseStore(home)
    store.save(armed())
    (home.leases / "b.json").write_text(text)
    found = store.load()
    assert [lease.id for lease in found.leases] == ["a"]
    assert found.unreadable == [home.leases / "b.json"]


def test_for_how_long_is_no_part_of_what_is_asked_for() -> None:
    assert armed(30).same_content(armed(60))
    assert not armed().same_content(armed(target="postgres"))
    assert not armed().same_content(armed(arguments={"allow_last": True}))
