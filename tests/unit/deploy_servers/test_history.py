"""The written history almost fires the slow alerts, and no other Prometheus knows of it."""

import re
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

import pytest

from alerts.objectives.burning import SLOW, Pair, limit
from alerts.objectives.document import load_slos
from alerts.objectives.model import Delay, Slo
from alerts.objectives.recordings import STEP
from alerts.rulebook import load_rules, rule_files
from deploy.home import Home
from deploy.local.acquire import Programs, programs
from deploy.local.promtool import promtool
from deploy.local.servers import history as server
from deploy.ports import Ports
from deploy.prometheus.configuration import prometheus_configuration
from deploy.prometheus.history import DAY, EDGE, HOUR, MINUTE, history, history_configuration
from tests.fixtures.stack import free_ports

NOW = 1_800_000_000
LENGTHS = {"1d": DAY, "2h": 2 * HOUR, "3d": 3 * DAY, "6h": 6 * HOUR}
LINE = re.compile(r'(\S+)\{slo="(.+)"\} (\S+) (\d+)\n')
SLOS = load_slos()
RATES = {"api-availability": 20.0, "api-latency": 20.0, "event-freshness": 16.0}
Samples = dict[tuple[str, str], dict[int, float]]


@pytest.fixture(scope="module")
def samples() -> Samples:
    """Return every sample by series and objective, then by its age; control actions are rare."""
    found: Samples = defaultdict(dict)
    for line in history(SLOS, RATES, NOW):
        if match := LINE.fullmatch(line):
            series, slo, value, at = match.groups()
            found[series, slo][NOW - int(at)] = float(value)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Ports(20000))


def _sum(samples: Samples, series: str, slo: Slo, window: str, later: int) -> float:
    """Add up a window's samples as the recording rules do, `later` seconds after it was written."""
    values = samples[f"slo:sli_{series}:rate1m", slo.name]
    return sum(value for age, value in values.items() if age + later <= LENGTHS[window])


def _burns(samples: Samples, slo: Slo, window: str, pair: Pair, later: int = 0) -> float:
    """Return a window's error ratio in parts of what the pair allows."""
    if isinstance(slo.indicator, Delay):
        settled = _sum(samples, "settled", slo, window, later)
        bad, total = settled - _sum(samples, "in_time", slo, window, later), settled
    else:
        bad, total = (_sum(samples, name, slo, window, later) for name in ("bad", "total"))
    return bad / total / float(limit(slo, pair))


@pytest.fixture(params=SLOS, ids=lambda slo: slo.name)
def slo(request: pytest.FixtureRequest) -> Slo:
    each: Slo = request.param
    return each


def test_two_hours_are_just_below_what_the_alert_allows_and_the_day_above(
    samples: Samples, slo: Slo
) -> None:
    assert _burns(samples, slo, "2h", SLOW.pairs[0]) == pytest.approx(0.95, abs=0.001)
    assert _burns(samples, slo, "1d", SLOW.pairs[0]) == pytest.approx(1.03, abs=0.002)


def test_three_days_do_not_burn(samples: Samples, slo: Slo) -> None:
    assert _burns(samples, slo, "3d", SLOW.pairs[1]) < 0.5


def test_the_day_stops_burning_once_some_minutes_have_left_it(samples: Samples, slo: Slo) -> None:
    assert _burns(samples, slo, "1d", SLOW.pairs[0], DAY - EDGE.stop) > 1.0
    assert _burns(samples, slo, "1d", SLOW.pairs[0], DAY - EDGE.start) < 0.98


def test_the_alert_can_have_fired_before_it_ends() -> None:
    hold = next(rule.for_ for rule in load_rules() if rule.alert.endswith(SLOW.name))
    assert hold == "15m"
    assert DAY - EDGE.stop >= (15 + 4) * MINUTE


def test_never_does_more_fail_than_there_was(samples: Samples, slo: Slo) -> None:
    name = slo.name
    bad = samples["slo:sli_bad:rate1m", name]
    if isinstance(slo.indicator, Delay):
        settled, in_time = (samples[f"slo:sli_{of}:rate1m", name] for of in ("settled", "in_time"))
        bad = {age: settled[age] - in_time[age] for age in settled}
    assert bad
    total = samples["slo:sli_total:rate1m", name]
    assert all(0 <= value <= total[age] for age, value in bad.items())


def test_enough_has_failed_for_the_alert_to_call_anybody(samples: Samples, slo: Slo) -> None:
    pair = SLOW.pairs[0]
    allowed = float(limit(slo, pair)) * _sum(samples, "total", slo, "1d", 0) * STEP
    assert _burns(samples, slo, "1d", pair) * allowed > slo.fewest_bad


def test_it_goes_on_with_as_much_traffic_as_there_is(samples: Samples) -> None:
    assert samples["slo:sli_total:rate1m", "api-latency"][STEP] == RATES["api-latency"]
    assert samples["slo:sli_total:rate1m", "control-actions"][STEP] == 0.0


def test_prometheus_takes_it(tmp_path: Path) -> None:
    tools: Programs = programs(print)
    text = tmp_path / "history.txt"
    text.write_text("".join(history(SLOS, RATES, NOW)))
    answer = promtool(tools, "tsdb", "create-blocks-from", "openmetrics", text, tmp_path / "blocks")
    assert answer.passed, answer.text


def test_the_slow_alerts_alone_are_sent_and_marked(home: Home) -> None:
    keep, mark = history_configuration(home)["alerting"]["alert_relabel_configs"]
    sent = {rule.alert for rule in load_rules() if re.fullmatch(keep["regex"], rule.alert)}
    assert sent == {f"{slo.alert}BurnsSlowly" for slo in SLOS}
    assert (keep["action"], mark["target_label"], mark["replacement"]) == (
        "keep",
        "drill",
        "history",
    )
    assert "alert_relabel_configs" not in prometheus_configuration(home)["alerting"]


def test_its_rules_are_those_of_the_objectives_as_they_are(home: Home) -> None:
    (pattern,) = history_configuration(home)["rule_files"]
    assert {file.name for file in rule_files() if fnmatch(str(file), pattern)} == {
        file.name for file in rule_files() if file.name.startswith("slo-")
    }


def test_it_scrapes_what_objectives_are_counted_from(home: Home) -> None:
    jobs = {job["job_name"] for job in history_configuration(home)["scrape_configs"]}
    assert jobs == {"api", "worker", "control", "gateway"}


def test_it_has_a_port_of_its_own_and_is_unhealthy_while_nobody_answers(tmp_path: Path) -> None:
    home = Home(tmp_path, free_ports())
    part = server.component(home)
    assert part.port == home.ports["history"]
    assert not server.check(home).ok
