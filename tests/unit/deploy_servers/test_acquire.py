"""Getting programs: what is used, what is downloaded, and what an interruption leaves."""

import os
import re
import threading
from pathlib import Path

import pytest

from deploy.local import acquire
from deploy.local.acquire import apt, folder
from deploy.local.acquire.wanted import SERVERS
from tests.unit.deploy_servers.conftest import ALERTMANAGER, PACKAGES, Machine

EVERYTHING = [package for package in PACKAGES if package != "libjemalloc2"]


def get() -> acquire.Programs:
    return acquire.programs(lambda _: None)


def test_on_a_bare_machine_everything_is_unpacked(machine: Machine) -> None:
    programs = get()
    assert programs.postgres.is_relative_to(machine.shelf)
    assert programs.rabbitmq.name == "rabbitmq_server-3.10.8"
    assert programs.downloaded_bytes == 1000 * len(PACKAGES)
    assert programs.seconds > 0


def test_a_second_call_asks_nobody_and_takes_nothing(machine: Machine) -> None:
    get()
    before = machine.calls()
    again = get()
    assert machine.calls() == before
    assert (again.downloaded_bytes, again.seconds) == (0, 0.0)
    assert acquire.present() == again


def test_a_program_that_the_machine_has_is_used_and_not_downloaded(machine: Machine) -> None:
    machine.install("postgresql-15")
    programs = get()
    assert programs.postgres == machine.root / "usr/lib/postgresql/15/bin/postgres"
    assert programs.redis.is_relative_to(machine.shelf)
    assert not any("-s" in call and " postgresql" in call for call in machine.calls())


def test_the_newest_of_several_releases_is_used(machine: Machine) -> None:
    machine.install("postgresql-15")
    for release in ("9.6", "17", "16"):
        path = machine.root / f"usr/lib/postgresql/{release}/bin/postgres"
        path.parent.mkdir(parents=True)
        path.touch()
    assert "/17/" in str(get().postgres)


def test_an_erlang_of_the_machine_does_not_run_an_unpacked_broker(machine: Machine) -> None:
    machine.install("erlang-base")
    assert get().erlexec.is_relative_to(machine.shelf)


def test_a_machine_that_has_all_of_it_needs_no_apt(machine: Machine) -> None:
    machine.install(*EVERYTHING)
    assert get().unpacked is None
    assert machine.calls() == []


def test_only_unpacked_programs_look_for_libraries_in_the_unpacked_tree(machine: Machine) -> None:
    machine.install("postgresql-15")
    programs = get()
    assert programs.environment(programs.postgres) == {}
    libraries = programs.environment(programs.redis)["LD_LIBRARY_PATH"]
    assert (Path(libraries.split(":")[0]) / "libjemalloc.so.2").exists()


def test_without_apt_every_missing_program_is_named_at_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.install("postgresql-15")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(acquire.AcquireError) as caught:
        get()
    named = [line.split(":")[0] for line in str(caught.value).splitlines()]
    assert named == [package for package in SERVERS if package != "postgresql"]
    assert "on PATH" in str(caught.value)


def test_a_package_that_the_sources_do_not_have_is_the_only_one_named(machine: Machine) -> None:
    machine.lacks("redis-server")
    with pytest.raises(acquire.AcquireError, match=r"^redis-server: ") as caught:
        get()
    assert "rabbitmq" not in str(caught.value)


def test_a_failed_download_leaves_nothing_half(machine: Machine) -> None:
    (machine.root / "offline").touch()
    with pytest.raises(acquire.AcquireError, match="Failed to fetch"):
        get()
    assert [path.name for path in folder.release_folder().iterdir()] == ["lock"]
    assert acquire.present() is None


def test_ctrl_c_leaves_nothing_half(machine: Machine) -> None:
    def interrupt(step: str) -> None:
        if step.startswith("unpacking"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acquire.programs(interrupt)
    assert [path.name for path in folder.release_folder().iterdir()] == ["lock"]


def test_what_a_killed_process_left_is_removed(machine: Machine) -> None:
    left = folder.release_folder() / "tmp123.partial"
    left.mkdir(parents=True)
    get()
    assert not left.exists()


def test_two_at_once_download_once(machine: Machine) -> None:
    found: list[acquire.Programs] = []
    threads = [threading.Thread(target=lambda: found.append(get())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2
    assert sum(" update" in call for call in machine.calls()) == 1


def test_other_users_can_run_what_was_unpacked(machine: Machine) -> None:
    tree = get().unpacked
    assert tree is not None
    assert all(path.stat().st_mode & 0o055 == 0o055 for path in (tree, tree.parent, machine.shelf))


def test_a_compiled_in_path_becomes_the_working_folder(machine: Machine) -> None:
    tree = get().unpacked
    assert tree is not None
    content = (tree / ALERTMANAGER).read_text()
    assert "/usr/share" not in content
    assert len(content) == len("binary /usr/share/prometheus/alertmanager end")


def test_libraries_of_the_machine_and_of_the_system_are_left_out() -> None:
    resolved = [
        "libc6",
        "libssl3",
        "libicu72",
        "libpam0g",
        "libpam-modules",
        "adduser",
        "erlang-base",
    ]
    own = re.compile("erlang-")
    assert apt.needed(resolved, own, {"libssl3", "erlang-base"}) == [
        "erlang-base",
        "libicu72",
        "libpam0g",
    ]


def test_apt_is_kept_away_from_the_machine_s_own_lists(machine: Machine) -> None:
    get()
    assert all(" -c " in f" {call} " for call in machine.calls())


def test_the_plan_says_what_would_be_downloaded_and_from_where(machine: Machine) -> None:
    machine.install("postgresql-15")
    plan = {source.program: source for source in acquire.plan()}
    assert plan["postgres"].found == "machine"
    assert plan["redis"].found == "download"
    assert "redis-server" in plan["redis"].detail
    assert machine.calls() == []
    get()
    assert {source.found for source in acquire.plan()} == {"machine", "unpacked", "wheel"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(machine: Machine) -> None:
    machine.shelf.mkdir(mode=0o500)
    with pytest.raises(acquire.AcquireError, match="PHAROS_SERVERS"):
        get()


def test_a_link_on_path_is_followed_to_the_programs_beside_it(
    machine: Machine, tmp_path: Path
) -> None:
    real = tmp_path / "opt" / "pg" / "bin" / "postgres"
    real.parent.mkdir(parents=True)
    real.touch(mode=0o755)
    (tmp_path / "bin" / "postgres").symlink_to(real)
    assert get().postgres == real
