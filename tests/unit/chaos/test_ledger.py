"""The ledger: what is proven, for how long, and that a changed rule has lost its proof."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alerts.rulebook import Rule, load_rules
from chaos.cli import app
from chaos.ledger.book import LedgerError, enter, read
from chaos.ledger.loaded import differing, loaded_rules, rules_of
from chaos.ledger.proofs import Proof, fingerprint, proofs_in
from chaos.ledger.standing import State, standings
from chaos.probes.prometheus import LoadedRule
from chaos.schemas import AlertWay, DrillVerdict, Impact, SignalReport, Verdict
from deploy.home import Home
from deploy.ports import Ports
from tests.fakes.signals import FakeSources, told_by_prometheus
from tests.fixtures.disk import room_for

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
RULE = next(rule for rule in load_rules() if rule.alert == "ReplicaDown")
WAY = AlertWay(alert="ReplicaDown", severity="page", pending=5, firing=21, delivered=22, resolved=4)


def report(met: bool | None = True, **way: Any) -> SignalReport:
    return SignalReport(
        kind="alert", expected="x", met=met, words="x", way=WAY.model_copy(update=way)
    )


def verdict(outcome: Verdict = Verdict.PASSED, *signals: SignalReport) -> DrillVerdict:
    return DrillVerdict(
        run="20260131T120000-a1b2",
        experiment="pause-replica",
        verdict=outcome,
        reason="x",
        steady_before=True,
        steady_after=True,
        impact=Impact(),
        recovery_seconds=1.0,
        undo=None,
        signals=list(signals) or [report()],
        started_at=NOW,
        ended_at=NOW,
    )


def proof(rule: Rule = RULE, ended: timedelta = timedelta(0)) -> Proof:
    return proofs_in(verdict(), [rule])[0].model_copy(update={"at": NOW - ended})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Ports(9700))


def test_a_passed_drill_proves_the_rule_whose_alert_went_its_whole_way() -> None:
    found = proofs_in(verdict(), load_rules())
    assert [(each.alert, each.severity, each.how) for each in found] == [
        ("ReplicaDown", "page", "live")
    ]
    assert (found[0].fires_seconds, found[0].delivered_seconds, found[0].resolved_seconds) == (
        21,
        22,
        4,
    )


@pytest.mark.parametrize(
    "nothing",
    [
        verdict(Verdict.FAILED),
        verdict(Verdict.INCONCLUSIVE),
        verdict(Verdict.PASSED, report(met=None)),
        verdict(Verdict.PASSED, report(met=False)),
        verdict(Verdict.PASSED, report(resolved=None)),
        verdict(Verdict.PASSED, report(delivered=None)),
        verdict(Verdict.PASSED, report(alert="NoRule")),
        verdict(Verdict.PASSED, report(severity="ticket")),
    ],
)
def test_nothing_else_proves_anything(nothing: DrillVerdict) -> None:
    assert proofs_in(nothing, load_rules()) == []


def test_the_silence_of_the_watchdog_proves_the_rule_that_always_fires() -> None:
    found = proofs_in(verdict(Verdict.PASSED, report(alert="WatchdogSilent")), load_rules())
    assert [(each.alert, each.severity) for each in found] == [("Watchdog", "none")]


@pytest.mark.parametrize(
    "change",
    [
        {"expr": RULE.expr.replace("> 0", "> 1", 1)},
        {"for_": "1m"},
        {"labels": RULE.labels.model_copy(update={"component": "postgres"})},
    ],
)
def test_a_changed_rule_has_lost_its_proof(change: dict[str, Any]) -> None:
    changed = RULE.model_copy(update=change)
    assert standings([changed], [proof()], NOW)[0].state is State.CHANGED


def test_other_words_or_blanks_leave_a_rule_the_same() -> None:
    said = RULE.annotations.model_copy(update={"summary": "another"})
    spaced = RULE.model_copy(update={"annotations": said, "expr": f"  {RULE.expr}\n"})
    assert fingerprint(spaced) == fingerprint(RULE)


def test_the_rule_that_counts_is_the_loaded_one_and_a_file_that_differs_is_told() -> None:
    sources = FakeSources(loaded=[RULE.model_copy(update={"for_": "1m"})])
    loaded = loaded_rules(sources)
    assert standings(loaded, [proof()], NOW)[0].state is State.CHANGED
    assert differing(loaded, [RULE]) == [RULE]
    assert differing(loaded_rules(FakeSources()), load_rules()) == []


def test_a_rule_of_somebody_else_beside_ours_is_none_of_the_ledgers() -> None:
    foreign = LoadedRule("their_rule", "up == 0", 0, {"severity": "huge"}, {})
    assert rules_of([foreign, told_by_prometheus(RULE)]) == [RULE]


def test_without_prometheus_nobody_knows_what_was_proved() -> None:
    with pytest.raises(LedgerError, match="which rules are loaded is not known"):
        loaded_rules(FakeSources(blind={"prometheus"}))


def test_a_proof_lasts_thirty_days() -> None:
    fresh, old = (standings([RULE], [proof(ended=timedelta(days=d))], NOW)[0] for d in (30, 31))
    assert (fresh.state, old.state) == (State.PROVEN, State.EXPIRED)


def test_what_no_drill_has_proved_is_never_proven() -> None:
    assert standings([RULE], [], NOW)[0].state is State.NEVER


def test_the_last_proof_counts_and_the_earlier_ones_stay(home: Home) -> None:
    enter(home, [proof(ended=timedelta(days=40))])
    enter(home, [proof()])
    assert len(read(home)) == 2
    assert standings([RULE], read(home), NOW)[0].state is State.PROVEN


def test_without_a_drill_there_is_no_ledger(home: Home) -> None:
    enter(home, [])
    assert not home.ledger_file.exists()
    assert read(home) == []


def test_a_line_that_is_no_proof_is_told_with_its_number(home: Home) -> None:
    enter(home, [proof()])
    with home.ledger_file.open("a") as file:
        file.write('{"rule": 1}\n')
    with pytest.raises(LedgerError, match=r"ledger\.jsonl:2 is no proof"):
        read(home)


def test_a_disk_that_fills_in_the_middle_of_a_line_keeps_nothing_of_it(home: Home) -> None:
    enter(home, [proof()])
    written = home.ledger_file.read_bytes()
    with room_for(len(written) + 20), pytest.raises(LedgerError, match="cannot be written"):
        enter(home, [proof()])
    assert home.ledger_file.read_bytes() == written


def test_a_line_that_its_writer_left_half_is_left_out_and_spoils_no_later_one(home: Home) -> None:
    enter(home, [proof(ended=timedelta(days=1))])
    with home.ledger_file.open("a") as file:
        file.write('{"rule":"5ad","al')
    assert len(read(home)) == 1
    enter(home, [proof()])
    assert [each.at for each in read(home)] == [NOW - timedelta(days=1), NOW]


def test_the_ledger_is_its_owners_alone(home: Home) -> None:
    enter(home, [proof()])
    assert home.ledger_file.stat().st_mode & 0o777 == 0o600


def test_the_command_shows_proofs_and_what_is_never_proven(home: Home) -> None:
    enter(home, [proof().model_copy(update={"at": datetime.now(UTC)})])
    environment = {"PHAROS_HOME": str(home.root), "PHAROS_PORT_BASE": "9700"}
    result = CliRunner().invoke(app, ["chaos", "ledger"], env=environment)
    shown = result.stdout
    assert "these are the rules of this clone" in result.stderr
    assert "fires 21 s, delivered 22 s, resolved 4 s after the end" in shown
    assert f"1 of {len(load_rules())} alerts are proven" in shown
    printed = CliRunner().invoke(app, ["chaos", "ledger", "--json"], env=environment).stdout
    states = {(row["alert"], row["severity"]): row["state"] for row in json.loads(printed)}
    assert states["ReplicaDown", "page"] == "proven"
    assert states["CacheAway", "ticket"] == "never proven"
