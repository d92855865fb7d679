"""The dashboards' queries on a live Prometheus, and the same figures from other sources.

Two readings are taken while traffic flows; the queries are asked for the time
between them. Other sources are the replicas' own counters read directly, the
operating system, the product's tables, the broker, and the load generator.
"""

import json
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from dashboards.build import DASHBOARDS
from deploy.driver import Replica
from tests.fixtures.running import RunningStack, eventually

RATE = 40
# Enough scrapes for a rate that does not feel the window's edges.
SECONDS = 24
# Traffic is even when it is never so many seconds before or behind its own pace: what stands
# still for longer, and catches up, makes sources unlike that look at other moments.
EVEN = 0.75
EVEN_WITHIN = 150
# Budgets are recorded every two minutes, and read in between.
RECORDED_WITHIN = 150

_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)", re.MULTILINE)


def lines() -> Iterator[tuple[str, str, str]]:
    """Yield each query of every dashboard: where it is, its expression, what it waits for."""
    for name, dashboard in DASHBOARDS.items():
        for panel in dashboard.panels:
            for line in panel.lines:
                yield f"{name}: {panel.title}: {line.legend}", line.expr, line.after


def line(name: str, title: str, legend: str) -> str:
    """Return one query's expression."""
    place = f"{name}: {title}: {legend}"
    return next(expr for found, expr, _ in lines() if found == place)


@dataclass(frozen=True)
class Reading:
    """What others than Prometheus say at one moment (Unix seconds); the tables at one of theirs."""

    at: float
    tables_at: float
    requests: Counter[str]  # by status
    buckets: Counter[str]  # of the durations, by upper bound
    cpu: Mapping[str, float]  # seconds, by replica
    files: Mapping[str, float]  # open, as a share of what a process may, by replica
    events: Mapping[str, int]  # by station, from the tables


@dataclass(frozen=True)
class Loaded:
    """A stretch of time under load."""

    stack: RunningStack
    replicas: Sequence[Replica]
    first: Reading
    last: Reading
    summary: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        return self.last.at - self.first.at

    @property
    def tables_seconds(self) -> float:
        return self.last.tables_at - self.first.tables_at

    @property
    def buckets(self) -> Counter[str]:
        """How many requests of this time took at most as long, by upper bound."""
        counted = {le: self.last.buckets[le] - self.first.buckets[le] for le in self.last.buckets}
        return Counter(counted)

    def ask(self, expression: str, at: float | None = None) -> dict[str, float]:
        """Return what Prometheus says by the only label, or by nothing: of this time, or `at`."""
        window = f"{round(self.seconds)}s"
        for variable in ("$__rate_interval", "$__range"):
            expression = expression.replace(variable, window)
        for variable in ("$job", "$instance"):
            expression = expression.replace(variable, ".+")
        return {
            "/".join(value for _, value in sorted(found["metric"].items())): float(
                found["value"][1]
            )
            for found in _found(self.stack, {"query": expression, "time": str(at or self.last.at)})
        }


def read(stack: RunningStack, replicas: Sequence[Replica]) -> Reading:
    """Take a reading now; the slow source comes last, so that the others share a moment."""
    begun = time.time()
    requests: Counter[str] = Counter()
    buckets: Counter[str] = Counter()
    cpu, files = {}, {}
    for replica in replicas:
        for name, labels, value in _exposed(replica):
            if name == "pharos_http_requests_total":
                requests[_label(labels, "status")] += int(float(value))
            if name == "pharos_http_request_duration_seconds_bucket":
                buckets[_label(labels, "le")] += int(float(value))
        process = psutil.Process(replica.pid)
        times = process.cpu_times()
        cpu[replica.id] = times.user + times.system
        files[replica.id] = process.num_fds() / process.rlimit(psutil.RLIMIT_NOFILE)[0]
    at = (begun + time.time()) / 2
    events = stack.json("events", "stats", "--json")
    return Reading(at, time.time(), requests, buckets, cpu, files, events)


@contextmanager
def under_load(stack: RunningStack) -> Iterator[Loaded]:
    """Make traffic, read before and after `SECONDS` of it, and end it."""
    replicas = [each for each in stack.wait_until_ready().replicas if each.role == "api"]
    before = _answered(replicas)
    process = stack.start("load", "--rate", str(RATE), "--duration", "1200", "--json")
    try:
        _course(replicas, before + 2 * RATE)
        _wait_for_budgets(stack)
        first, last = _even_stretch(stack, replicas)
        process.send_signal(signal.SIGINT)
        yield Loaded(stack, replicas, first, last, _summary(process))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _even_stretch(stack: RunningStack, replicas: Sequence[Replica]) -> tuple[Reading, Reading]:
    """Take a reading before and after an even `SECONDS` of traffic; in the end, after any.

    Every scrape in between has come in.
    """
    deadline = time.monotonic() + EVEN_WITHIN
    while True:
        first = read(stack, replicas)
        course = _course(replicas, first.requests.total() + SECONDS * RATE)
        last = read(stack, replicas)
        around = [_point(first), *course, _point(last)]
        if _uneven(around) <= EVEN and _all_scraped(stack, first, last):
            return first, last
        if time.monotonic() > deadline:
            return first, last


def _point(reading: Reading) -> tuple[float, float]:
    return reading.at, reading.requests.total()


def _course(replicas: Sequence[Replica], total: float) -> list[tuple[float, float]]:
    """Wait until so many requests are answered; return how many were at which moments."""
    course = []

    def look() -> float:
        course.append((time.time(), _answered(replicas)))
        return course[-1][1]

    eventually(look, lambda answered: answered >= total, "traffic that flows", seconds=90)
    return course


def _uneven(course: Sequence[tuple[float, float]]) -> float:
    """Return how many seconds the traffic was before or behind its own pace, at the worst."""
    (begin, before), (end, after) = course[0], course[-1]
    pace = (after - before) / (end - begin)
    return max(abs((count - before) / pace - (at - begin)) for at, count in course)


def _all_scraped(stack: RunningStack, first: Reading, last: Reading) -> bool:
    query = f"min(min_over_time(up[{round(last.at - first.at)}s]))"
    found = _found(stack, {"query": query, "time": str(last.at)})
    return [float(one["value"][1]) for one in found] == [1.0]


def _wait_for_budgets(stack: RunningStack) -> None:
    budgets = line("overview", "Error budget left", "{{slo}}")
    eventually(
        lambda: _found(stack, {"query": budgets}),
        bool,
        "budgets that are recorded",
        seconds=RECORDED_WITHIN,
    )


def _found(stack: RunningStack, form: dict[str, str]) -> list[dict[str, Any]]:
    address = f"{stack.url('prometheus')}/api/v1/query"
    answer = httpx.post(address, data=form, timeout=15).json()
    assert answer["status"] == "success", answer
    return list(answer["data"]["result"])


def _answered(replicas: Sequence[Replica]) -> float:
    return sum(
        float(value)
        for replica in replicas
        for name, _, value in _exposed(replica)
        if name == "pharos_http_requests_total"
    )


def _exposed(replica: Replica) -> list[tuple[str, str, str]]:
    """Return name, labels and value of each sample that the replica itself exposes."""
    return _SAMPLE.findall(httpx.get(f"http://{replica.ops_address}/metrics").text)


def quantile(share: float, buckets: Counter[str]) -> float:
    """Return a quantile as Prometheus defines it: straight lines within the buckets."""
    bounds = sorted(buckets, key=float)
    rank, lower, below = share * buckets["+Inf"], 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            inside = buckets[bound] - below
            return lower + (float(bound) - lower) * (rank - below) / inside
        lower, below = float(bound), buckets[bound]
    return lower


def _label(labels: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', labels)
    return found.group(1) if found else ""


def _summary(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=60)
    assert out, err
    return dict(json.loads(out))
