"""The open loop against a real server: its schedule, its latencies, and what it never does."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.traffic.gateway import Gateway
from chaos.traffic.openloop import OpenLoop
from chaos.traffic.plan import Plan, make_plan
from chaos.traffic.run import Finished, UnreachableError, run_load
from chaos.traffic.strain import Strain
from chaos.traffic.tally import OVERLOAD, Outcome, Tally
from chaos.traffic.target import Target
from chaos.traffic.users import NoUserError, Users
from chaos.traffic.work import Read, Schedule, Work
from tests.integration.traffic.standin import StandIn

Log = Callable[..., Path]
RUN = "20260101T000000-abcd"
AWAY = "user not created: 503 Service Unavailable: The database is away."
HOSTS = [f"203.0.113.{number}" for number in range(1, 11)]


def plan(log: Path, **options: object) -> Plan:
    names = ("rate", "speed", "repeat", "duration")
    return make_plan(log, *(options.get(name) for name in names))  # type: ignore[arg-type]


async def replay(target: Target, runs: Path, wanted: Plan) -> Finished:
    return await run_load(wanted, target, runs, RUN)


def dues(wanted: Plan) -> list[float]:
    return [offset for offset, _ in wanted.schedule(RUN)]


def early(began: float, arrivals: list[float], due: list[float]) -> list[float]:
    """Return what came before it was due, a tick of the clock aside: no load makes that happen.

    How far apart two arrivals are says less: where the first one is held up, they come together.
    """
    pairs = zip(sorted(arrivals), due, strict=True)
    return [at - began for at, offset in pairs if at - began < offset - 0.02]


async def test_every_line_arrives_as_an_event_of_its_address(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    finished = await replay(target, tmp_path, plan(log(HOSTS * 3), rate=500))
    summary = finished.summary
    assert (summary.sent, summary.ok, summary.failed, summary.users) == (30, 30, 0, 10)
    subjects = {event["id"]: event["subject"] for event in product.events}
    assert subjects["1-1"] == subjects["1-11"] == product.emails["203.0.113.1@visitor.example"]
    assert product.tokens == {"Bearer secret"}


async def test_each_acknowledged_event_is_written_down_and_no_other(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    product.drop = 4
    finished = await replay(target, tmp_path, plan(log(HOSTS * 3), rate=500))
    lines = (tmp_path / f"{RUN}.jsonl").read_text().splitlines()
    assert finished.summary.failed == 4
    assert len(lines) == finished.summary.events_accepted == len(product.events) == 26


async def test_a_constant_rate_is_kept_while_the_server_is_slow(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    product.delay = 1.0
    wanted, began = plan(log(HOSTS * 5), rate=100), asyncio.get_running_loop().time()
    finished = await replay(target, tmp_path, wanted)
    one_after_the_other = 50 * product.delay
    assert early(began, product.arrivals, dues(wanted)) == []
    assert product.arrivals[-1] - product.arrivals[0] < one_after_the_other / 4
    assert finished.summary.rate > 50 / one_after_the_other * 4
    assert (finished.summary.p50_ms or 0) >= 990


async def test_the_recorded_rhythm_arrives_as_recorded(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    wanted = plan(log(HOSTS[:1] * 3, [0, 40, 10]), speed=50)
    began = asyncio.get_running_loop().time()
    await replay(target, tmp_path, wanted)
    assert [event["id"] for event in product.events] == ["1-1", "1-3", "1-2"]
    assert dues(wanted) == pytest.approx([0, 0.2, 0.8])
    assert early(began, product.arrivals, dues(wanted)) == []
    at_the_speed_of_the_log = 40
    assert product.arrivals[-1] - began < at_the_speed_of_the_log / 4


async def test_a_stalled_server_shows_in_the_latency_of_all_that_were_due(
    target: Target, log: Log, tmp_path: Path, product: StandIn
) -> None:
    async def stall(work: Work) -> Outcome:
        # From the first request on, so that however late the run begins it is as long.
        if not stalled:
            asyncio.get_running_loop().call_later(0.5, released.set)
        stalled.append(work)
        await released.wait()
        return Outcome()

    stalled: list[Work] = []
    released, tally = asyncio.Event(), Tally()
    await OpenLoop(stall, tally, Strain()).run((n / 100, Read("a")) for n in range(50))
    assert (tally.latencies.quantile(0.5) or 0) > 0.24
    assert (tally.latencies.quantile(1.0) or 0) > 0.49


async def test_what_exceeds_the_bound_fails_and_is_never_sent() -> None:
    performed = []

    async def endless(work: Work) -> Outcome:
        performed.append(work)
        await all_due.wait()
        return Outcome()

    def works() -> Schedule:
        yield from ((0, Read("a")) for _ in range(10))
        all_due.set()

    all_due, tally = asyncio.Event(), Tally()
    await OpenLoop(endless, tally, Strain(), max_in_flight=3).run(works())
    assert (tally.sent, tally.ok, tally.reasons[OVERLOAD]) == (10, 3, 7)
    assert len(performed) == 3


async def test_a_dropped_connection_fails_and_is_not_tried_again(
    product: StandIn, target: Target
) -> None:
    async with Gateway(target.url, target.token) as gateway:
        assert (await gateway.get("/v1/users/a")).status == 200
        product.drop = 1
        with pytest.raises(Exception, match="connection lost"):
            await gateway.get("/v1/users/a")  # on a kept connection, where aiohttp would repeat it
    assert len(product.reads) == 2


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (503, "503 Service Unavailable: The database is away."),
        # What a caller did wrong is told in words of the one request.
        (409, "409 Conflict"),
    ],
)
async def test_failures_are_grouped_by_status_title_and_what_a_server_says_of_itself(
    product: StandIn, target: Target, log: Log, tmp_path: Path, *, status: int, reason: str
) -> None:
    product.event_status = status
    finished = await replay(target, tmp_path, plan(log(HOSTS), rate=500))
    assert finished.tally.reasons == {reason: 10}
    assert (finished.summary.failed, finished.summary.events_accepted) == (10, 0)


async def test_a_user_who_is_there_already_is_found_by_his_address(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    path = log(HOSTS)
    await run_load(plan(path, rate=500), target, tmp_path, "20260101T000000-0001")
    before = dict(product.emails)
    again = await run_load(plan(path, rate=500), target, tmp_path, "20260101T000000-0002")
    assert (again.summary.failed, again.summary.users) == (0, 10)
    assert product.emails == before
    assert len(set(product.keys)) == 20


async def test_events_of_one_new_user_wait_for_one_creation(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    await replay(target, tmp_path, plan(log(HOSTS[:1] * 20), rate=2000))
    assert (len(product.keys), len(product.events)) == (1, 20)


async def test_a_user_who_cannot_be_created_fails_his_events(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    product.user_status = 503
    finished = await replay(target, tmp_path, plan(log(HOSTS[:1] * 5), rate=500))
    assert finished.tally.reasons == {AWAY: 5}
    assert finished.summary.users == 0


async def test_a_user_who_could_not_be_created_is_tried_anew_each_time_he_is_needed(
    product: StandIn, target: Target
) -> None:
    product.user_status = 503
    async with Gateway(target.url, target.token) as gateway:
        users = Users(gateway, "urn:test")
        for tried in range(1, 6):
            with pytest.raises(NoUserError, match=AWAY):
                await users.id_of(HOSTS[0])
            assert len(product.keys) == tried
        product.user_status = 201
        assert await users.id_of(HOSTS[0]) in product.emails.values()
    assert (len(product.keys), len(set(product.keys))) == (6, 1)


async def test_what_the_gateway_tried_again_is_counted(
    product: StandIn, target: Target, log: Log, tmp_path: Path
) -> None:
    product.attempts = 3
    finished = await replay(target, tmp_path, plan(log(HOSTS), rate=500))
    assert finished.summary.retried == 20


async def test_nothing_at_the_address_is_said_before_anything_is_sent(
    log: Log, tmp_path: Path
) -> None:
    with pytest.raises(UnreachableError, match="connection refused"):
        await replay(Target("http://127.0.0.1:9", "secret"), tmp_path, plan(log(HOSTS)))


async def test_own_traffic_counts_reads_as_sent(
    product: StandIn, target: Target, tmp_path: Path
) -> None:
    finished = await replay(target, tmp_path, make_plan(None, 400, None, None, 0.5))
    summary = finished.summary
    assert summary.ok == summary.sent == len(product.events) + len(product.reads) == 200
    assert summary.events_accepted == len(product.events) > len(product.reads) > 0


async def test_a_record_that_cannot_be_written_ends_the_run(
    target: Target, log: Log, tmp_path: Path
) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="exists"):
        await replay(target, tmp_path / "runs", plan(log(HOSTS)))
