"""The alert rules: proved by promtool, held to our conventions (their mutants: test_mutation)."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from alerts.objectives.build import generated, outdated
from alerts.objectives.document import load_slos
from alerts.rulebook import (
    PAGES,
    RULES,
    TESTS,
    Severity,
    broken_conventions,
    load_rules,
    rule_files,
    runbook,
)
from deploy.home import PROJECT
from deploy.local.acquire import Programs, programs
from deploy.local.promtool import promtool

PROVED = sorted(TESTS.glob("*.yaml"))


@pytest.fixture(scope="session")
def tools() -> Programs:
    """Return the server programs, got as `pharos up` gets them."""
    return programs(print)


def test_promtool_finds_the_rules_sound(tools: Programs) -> None:
    answer = promtool(tools, "check", "rules", *rule_files())
    assert answer.passed, answer.text


def test_what_is_generated_is_what_the_objectives_say() -> None:
    assert outdated(generated(load_slos())) == []


@pytest.mark.parametrize("path", PROVED, ids=lambda path: path.stem)
def test_the_rules_fire_when_they_must_and_only_then(tools: Programs, path: Path) -> None:
    answer = promtool(tools, "test", "rules", path)
    assert answer.passed, answer.text


def test_every_alert_keeps_our_conventions() -> None:
    assert broken_conventions(load_rules()) == []


def test_every_alert_is_proved_to_fire_and_to_stay_silent() -> None:
    cases = [
        (case["alertname"], bool(case["exp_alerts"]))
        for path in PROVED
        for test in yaml.safe_load(path.read_text())["tests"]
        for case in test.get("alert_rule_test", [])
    ]
    for rule in load_rules():
        assert (rule.alert, True) in cases
        assert (rule.alert, False) in cases or rule.labels.severity is Severity.NONE


def test_the_pages_that_an_alert_may_lead_to_are_the_console_s() -> None:
    pages = re.findall(r'url_path="([a-z]+)"', (PROJECT / "console" / "app.py").read_text())
    assert set(pages) <= PAGES.keys()


@pytest.mark.parametrize("url", ["load", "/loads", "/load?since=1h", "/logs?text=x", "//logs"])
def test_a_link_that_the_console_would_not_understand_is_refused(url: str, tmp_path: Path) -> None:
    annotations = load_rules()[0].annotations.model_dump() | {"console_url": url}
    with pytest.raises(ValidationError, match="console_url"):
        load_rules(_written(tmp_path, annotations=annotations))


def test_every_runbook_belongs_to_an_alert() -> None:
    # The one alert that no rule makes: the control service's own.
    wanted = {runbook(rule.alert) for rule in load_rules()} | {runbook("WatchdogSilent")}
    assert set(runbook(".").parent.glob("*.md")) == wanted


def _written(folder: Path, **changes: object) -> Path:
    rule = yaml.safe_load((RULES / "outbox.yaml").read_text())["groups"][0]["rules"][0] | changes
    document = {"groups": [{"name": "outbox", "rules": [rule]}]}
    (folder / "rules.yaml").write_text(yaml.safe_dump(document))
    return folder


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"severity": "critical"}},
        {"labels": {"severity": "page"}},
        {"labels": {"severity": "page", "team": "x"}},
        {"labels": {"severity": "page", "team": "product", "owner": "x"}},
        {"annotations": {"summary": "no links"}},
        {"for": None},
        {"alert": "outbox_ageing"},
        {"record": "x"},
    ],
)
def test_a_rule_outside_the_format_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        load_rules(_written(tmp_path, **changes))


def test_a_missing_runbook_and_a_foreign_link_are_told(tmp_path: Path) -> None:
    broken = broken_conventions(load_rules(_written(tmp_path, alert="Forgotten")))
    assert broken == [
        "Forgotten: its runbook_url is not alerts/runbooks/Forgotten.md",
        "Forgotten: its runbook Forgotten.md is missing",
    ]
