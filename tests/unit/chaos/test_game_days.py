"""What a game day is to run, what its journal tells, and each alert's account."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alerts.rulebook import load_rules
from alerts.tokens import duration
from chaos.cli import app
from chaos.client import ControlError, ControlRefusedError
from chaos.gameday.accounts import Account, accounts
from chaos.gameday.agenda import Agenda, AgendaError, Expects, Item, chosen
from chaos.gameday.calm import FORGETTING_SECONDS
from chaos.gameday.halts import Halts
from chaos.gameday.record import GameDay, read_game_day
from chaos.journal import Journal, write_verdict
from chaos.report.game_day import sections, title
from chaos.report.markdown import markdown
from chaos.runner.experiments import load_all
from chaos.runner.guards import GuardError, locked
from chaos.runner.halt import throw_halt
from chaos.runner.unproven import Unproven
from chaos.schemas import GameDayKind, Verdict
from deploy.home import Home
from deploy.ports import Ports
from tests.fixtures.running import eventually
from tests.unit.chaos.test_ledger import report, verdict

NAME = "20260131T120000-a1b2"
RUN = "20260131T120001-0001"
ITEMS = (
    Item(name="pause-replica", expects=[Expects(alert="ReplicaDown", severity="page")]),
    Item(name="pause-redis", expects=[Expects(alert="CacheAway")]),
)


class Written:
    """A game day's journal, line by line."""

    def __init__(self, root: Path, *, whole: bool = False, name: str = NAME) -> None:
        self.home = Home(root, Ports(9700))
        self.journal = Journal(self.home.game_days / name)
        items = [item.model_dump() for item in ITEMS]
        self.journal.write(
            GameDayKind.STARTED, "begins", reason="a test", whole=whole, rate=50.0, items=items
        )

    def start(self, experiment: str = "pause-replica", run: str = RUN) -> "Written":
        self.journal.write(GameDayKind.DRILL_STARTED, "x", experiment=experiment, run=run)
        return self

    def conclude(self, outcome: Verdict = Verdict.PASSED, **way: Any) -> "Written":
        made = verdict(outcome, report(**way)).model_copy(update={"run": RUN})
        folder = self.home.drills / RUN
        folder.mkdir(parents=True)
        write_verdict(folder, made)
        self.journal.write(
            GameDayKind.DRILL_ENDED,
            "x",
            experiment="pause-replica",
            run=RUN,
            verdict=outcome,
            reason="x",
        )
        return self

    def refuse(self, why: str) -> "Written":
        self.journal.write(
            GameDayKind.NOT_STARTED, "x", experiment="pause-redis", why=why, refused=True
        )
        return self

    def end(self, outcome: str) -> "Written":
        self.journal.write(
            GameDayKind.ENDED, "x", outcome=outcome, words=f"{outcome}: 1 of 2 drills passed"
        )
        return self

    @property
    def day(self) -> GameDay:
        day = read_game_day(self.home, NAME)
        assert day is not None
        return day

    def account(self, alert: str, *excused: Unproven) -> Account:
        found = accounts(self.day, load_rules(), excused)
        return next(each for each in found if each.alert == alert)


def test_all_names_and_tags_choose_from_the_catalogue() -> None:
    plans = load_all()
    assert len(chosen(plans, [], [])) == len(plans)
    tagged = [item.name for item in chosen(plans, [], ["silent-failure"])]
    assert "blocked-loop" in tagged
    assert len(tagged) < len(plans)
    both = chosen(plans, ["kill-replica"], ["silent-failure"])
    assert {item.name for item in both} == {*tagged, "kill-replica"}


@pytest.mark.parametrize(
    ("names", "tags", "words"),
    [
        (["burn-it-down"], [], "no experiment 'burn-it-down': known are blocked-loop"),
        ([], ["weather"], "no tag 'weather': known are"),
    ],
)
def test_what_nobody_is_called_is_told(names: list[str], tags: list[str], words: str) -> None:
    with pytest.raises(AgendaError, match=words):
        chosen(load_all(), names, tags)


def test_an_item_names_the_alerts_that_its_experiment_is_to_prove() -> None:
    (item,) = chosen(load_all(), ["blocked-loop"], [])
    assert [each.alert for each in item.expects] == ["EventLoopBlocked"]


def test_what_an_experiment_is_to_move_is_forgotten_while_a_game_day_waits_for_it() -> None:
    items = {item.name: item for item in chosen(load_all(), [], [])}
    (flooded,), (hot,) = items["event-flood"].metrics, items["hot-user"].metrics
    assert "drill.flood.sent" in flooded.metric
    assert "drill.flood.sent" in hot.metric
    selected = re.compile(r"\[(\w+)](?: offset (\w+))?")
    for item in items.values():
        for signal in item.metrics:
            for times in selected.findall(signal.metric):
                back = sum(duration(time) for time in times if time) / 1000
                assert 2 * back < FORGETTING_SECONDS, item.name


def test_an_item_says_whether_nobody_is_to_be_paged_meanwhile() -> None:
    items = {item.name: item for item in chosen(load_all(), ["kill-replica", "kill-postgres"], [])}
    assert items["kill-replica"].unpaged
    assert not items["kill-postgres"].unpaged


def test_objectives_are_drilled_while_the_stack_is_young_and_outages_come_last() -> None:
    tags = {plan.experiment.name: plan.experiment.tags for plan in load_all()}
    order = [tags[item.name] for item in chosen(load_all(), [], [])]
    young = [worn for worn in order if "objectives" in worn]
    outages = [worn for worn in order if "burns-budget" in worn]
    assert order[: len(young)] == young
    assert ["long" in worn for worn in young] == sorted("long" in worn for worn in young)
    assert order[-len(outages) :] == outages


def test_a_journal_without_an_end_is_a_game_day_that_was_cut_short(tmp_path: Path) -> None:
    day = Written(tmp_path).start().day
    assert (day.state, day.outcome) == ("interrupted", "interrupted")
    assert [each.state for each in day.attempts] == ["interrupted", "not reached"]


def test_the_verdict_of_a_drill_that_outlived_its_game_day_counts(tmp_path: Path) -> None:
    written = Written(tmp_path).conclude()
    assert written.day.state == "interrupted"
    assert written.account("ReplicaDown").state == "live"


def test_while_its_process_lives_it_goes_on(tmp_path: Path) -> None:
    written = Written(tmp_path).start()
    with locked(written.home.game_days, NAME, "game day"):
        day = written.day
        assert (day.state, day.attempts[0].state) == ("running", "running")
        with (
            pytest.raises(GuardError, match=f"another game day is running: {NAME}"),
            locked(written.home.game_days, "another", "game day"),
        ):
            pass


@pytest.mark.parametrize("how", ["live", "tipped"])
def test_an_alert_that_went_its_way_is_proven_as_it_was_made_to(tmp_path: Path, how: str) -> None:
    account = Written(tmp_path).start().conclude(how=how).account("ReplicaDown")
    assert (account.state, account.proof and account.proof.run) == (how, RUN)


def test_an_alert_whose_drill_failed_or_never_began_says_so(tmp_path: Path) -> None:
    written = Written(tmp_path).conclude(Verdict.FAILED).refuse("a page fires")
    assert written.account("ReplicaDown").why == "pause-replica (failed): x"
    assert written.account("CacheAway").why == "pause-redis (not started): a page fires"


def test_a_whole_game_day_accounts_for_every_alert_or_has_the_reason(tmp_path: Path) -> None:
    written = Written(tmp_path, whole=True)
    reason = Unproven(alert="DiskFilling", reason="There is no way to make it here.")
    assert written.account("DiskFilling", reason).state == "excused"
    assert written.account("MemoryGrowing").why == "no experiment of this game day expects it"
    assert len(accounts(written.day, load_rules(), [])) == len(load_rules())


def test_a_part_of_the_experiments_accounts_for_their_own_alerts(tmp_path: Path) -> None:
    found = accounts(Written(tmp_path).day, load_rules(), [])
    assert {each.alert for each in found} == {"ReplicaDown", "CacheAway"}


def test_the_report_tells_drills_and_alerts(tmp_path: Path) -> None:
    written = Written(tmp_path).start().conclude().refuse("a page fires").end("refused")
    day = written.day
    text = markdown(title(day), sections(day, accounts(day, load_rules(), [])))
    assert "Of 2 alerts: 1 proven live, 1 **not proven**." in text
    assert "| ReplicaDown (page) | proven live | 21.0 s | 22.0 s | 4.0 s | pause-replica" in text
    assert "| pause-redis | - | **not started** | - | - | - | - | a page fires |" in text


def test_a_halt_is_remembered_though_somebody_re_arms(tmp_path: Path) -> None:
    home = Home(tmp_path, Ports(9700))
    halts = Halts(home, poll=0.01)
    with halts.watching():
        assert not halts.look()
        throw_halt(home, "ben", "a real incident")
        eventually(lambda: halts.seen, bool, "the halt")
        home.halt_file.unlink()
    assert halts.look()


def pharos(home: Path, *arguments: str) -> Result:
    environment = {"PHAROS_HOME": str(home), "PHAROS_PORT_BASE": "9700", "PHAROS_URL": None}
    return CliRunner().invoke(app, ["chaos", *arguments], env=environment)


def test_one_that_was_cut_short_is_in_the_history_and_has_its_report(tmp_path: Path) -> None:
    Written(tmp_path).start().conclude()
    assert "its process died" in pharos(tmp_path, "game-day", "--history").stdout
    shown = pharos(tmp_path, "report", NAME)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"# Game day {NAME}: interrupted")


ASKED = ("game-day", "pause-replica", "--no-traffic", "--reason", "a test")


def test_one_that_breaks_off_is_reported_and_ends_as_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(agenda: Agenda, _: object) -> None:
        Written(tmp_path, name=agenda.name).start().conclude().end("interrupted")
        raise ControlError("the token has ended")

    monkeypatch.setattr("chaos.cli.gamedays.client_or_fail", lambda: None)
    monkeypatch.setattr("chaos.gameday.run.run_game_day", break_off)
    ended = pharos(tmp_path, *ASKED)
    assert (ended.exit_code, "the token has ended" in ended.stderr) == (3, True)
    assert len(list((tmp_path / "game-days").glob("*/report.md"))) == 1


def test_one_that_never_began_gives_up_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ControlRefusedError("takes the right admin")

    monkeypatch.setattr("chaos.cli.gamedays.client_or_fail", lambda: None)
    monkeypatch.setattr("chaos.gameday.run.run_game_day", refuse)
    ended = pharos(tmp_path, *ASKED)
    assert (ended.exit_code, ended.stderr) == (4, "pharos: takes the right admin\n")


@pytest.mark.parametrize(
    "line",
    [
        '{"at":"2026-01-31T12:00:00Z","ki{"at"',
        '{"at":"2026-01-31T12:00:00Z","kind":"x","message":"x"}',
    ],
)
def test_one_that_cannot_be_read_is_told_and_hides_no_other(tmp_path: Path, line: str) -> None:
    Written(tmp_path).start().conclude()
    broken = tmp_path / "game-days" / "20260130T120000-dead"
    broken.mkdir()
    (broken / "journal.jsonl").write_text(f"{line}\n")
    listed = pharos(tmp_path, "game-day", "--history", "--json")
    assert listed.exit_code == 0
    assert [day["name"] for day in json.loads(listed.stdout)] == [NAME]
    assert "game day 20260130T120000-dead cannot be read" in listed.stderr
    shown = pharos(tmp_path, "report", broken.name)
    assert (shown.exit_code, "cannot be read" in shown.stderr) == (1, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say which"),
        (["--all", "kill-replica"], "say which"),
        (["--all"], "--reason is missing"),
        (["--all", "--no-traffic", "--trace", "x.log", "--reason", "a test"], "leave out either"),
        (["burn-it-down", "--reason", "a test"], "no experiment 'burn-it-down'"),
    ],
)
def test_what_cannot_be_asked_for_is_wrong_usage(
    tmp_path: Path, options: list[str], words: str
) -> None:
    result = pharos(tmp_path, "game-day", *options)
    assert result.exit_code == 2
    assert words in result.stderr
