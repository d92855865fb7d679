"""What may page yet, asked of real rates by promtool: until a late ratio and its alert know it."""

from pathlib import Path

import pytest
import yaml

from chaos.gameday.paging import may_page_yet
from deploy.local.acquire import Programs, programs
from deploy.local.promtool import promtool

# A sample each 15 s, up to 5:45; what is missed is from 2:00 to 2:45.
ALL_THE_TIME = "40x23"
FRESHNESS = {
    'slo:sli_settled:rate1m{slo="event-freshness"}': ALL_THE_TIME,
    'slo:sli_in_time:rate1m{slo="event-freshness"}': "40x7 30x3 40x11",
}
OUTAGE = {
    'slo:sli_total:rate1m{slo="api-availability"}': ALL_THE_TIME,
    'slo:sli_bad:rate1m{slo="api-availability"}': "0x7 10x3 0x11",
}
FEW_SLOW = {
    'slo:sli_total:rate1m{slo="api-latency"}': ALL_THE_TIME,
    'slo:sli_bad:rate1m{slo="api-latency"}': "2x23",
}
PENDING = 'ALERTS{alertname="EventFreshnessBurnsFast", severity="page", slo="event-freshness"}'


@pytest.fixture(scope="module")
def tools() -> Programs:
    return programs(print)


@pytest.mark.parametrize(
    ("series", "at", "found"),
    [
        (FRESHNESS, "1m45s", None),
        (FRESHNESS, "2m", "event-freshness"),
        (FRESHNESS, "3m45s", "event-freshness"),
        (FRESHNESS, "4m15s", None),
        (OUTAGE, "3m45s", "api-availability"),
        (OUTAGE, "4m15s", None),
        # A twentieth is slow: below what its alert allows for hours.
        (FEW_SLOW, "3m", None),
        (FRESHNESS | {PENDING: "1x23"}, "3m", None),
    ],
)
def test_it_is_what_was_missed_beyond_a_limit_until_all_of_it_is_recorded(
    tools: Programs, tmp_path: Path, series: dict[str, str], at: str, found: str | None
) -> None:
    samples = [{"labels": f'{{slo="{found}"}}', "value": 0.25}] if found else []
    case = {"expr": may_page_yet(), "eval_time": at, "exp_samples": samples}
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "15s", "input_series": given, "promql_expr_test": [case]}
    path = tmp_path / "paging.yaml"
    path.write_text(yaml.safe_dump({"tests": [test]}))
    answer = promtool(tools, "test", "rules", path)
    assert answer.passed, answer.text
