"""`pharos load` as a process of its own: exit codes, output, and an interrupt."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.running import PATIENCE, eventually
from tests.integration.traffic.standin import StandIn

Log = Callable[..., Path]
HOSTS = [f"203.0.113.{number}" for number in range(1, 6)]
KEYS = [
    *("run", "sent", "ok", "failed", "retried", "malformed", "users", "events_accepted"),
    *("p50_ms", "p95_ms", "p99_ms", "rate"),
]


@dataclass
class Ended:
    code: int | None
    out: str
    err: str


async def start(environment: dict[str, str], *options: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy", "load"),
        *map(str, options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


async def end(process: asyncio.subprocess.Process) -> Ended:
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def run(environment: dict[str, str], *options: object) -> Ended:
    return await end(await start(environment, *options))


async def test_json_has_the_promised_keys_in_order_and_nothing_else_on_stdout(
    environment: dict[str, str], log: Log
) -> None:
    ended = await run(environment, "--trace", log(HOSTS), "--rate", 200, "--json")
    summary = json.loads(ended.out)
    assert ended.code == 0
    assert list(summary) == KEYS
    assert (summary["sent"], summary["ok"], summary["users"], summary["malformed"]) == (5, 5, 5, 0)


async def test_the_run_is_written_under_the_home_by_its_name(
    environment: dict[str, str], log: Log
) -> None:
    ended = await run(environment, "--trace", log(HOSTS), "--json")
    name = json.loads(ended.out)["run"]
    record = Path(environment["PHAROS_HOME"]) / "runs" / f"{name}.jsonl"
    first = json.loads(record.read_text().splitlines()[0])
    assert first["source"].startswith("urn:pharos:trace:")
    assert first["source"].endswith(f":{name}")


async def test_the_summary_names_malformed_lines_with_their_reasons(
    environment: dict[str, str], log: Log
) -> None:
    path = log(HOSTS)
    path.write_text(path.read_text() + "rubbish\n")
    ended = await run(environment, "--trace", path)
    assert ended.code == 0
    assert "line 6: it does not begin with" in ended.out


async def test_failures_exit_with_1_and_are_grouped_by_reason(
    product: StandIn, environment: dict[str, str], log: Log
) -> None:
    product.event_status = 503
    ended = await run(environment, "--trace", log(HOSTS))
    assert ended.code == 1
    assert "5  503 Service Unavailable: The database is away." in ended.out


async def test_the_stacks_log_tells_of_begin_failures_and_end(
    product: StandIn, environment: dict[str, str], log: Log
) -> None:
    product.event_status = 503
    ended = await run(environment, "--trace", log(HOSTS), "--json")
    written = (Path(environment["PHAROS_HOME"]) / "logs" / "load.log").read_text().splitlines()
    told = [json.loads(line) for line in written]
    lines = [line for line in told if line["event.action"] != "load-held-back"]
    assert [line["event.action"] for line in lines] == ["load-begin", "load-failures", "load-end"]
    assert {line["pharos.run"] for line in lines} == {json.loads(ended.out)["run"]}
    assert lines[1]["message"].startswith("5 requests of the load failed: 503")


async def test_with_json_the_reasons_go_to_stderr(
    product: StandIn, environment: dict[str, str], log: Log
) -> None:
    product.event_status = 503
    ended = await run(environment, "--trace", log(HOSTS), "--json")
    assert json.loads(ended.out)["failed"] == 5
    assert "5  503 Service Unavailable: The database is away." in ended.err


async def test_wrong_usage_exits_with_2_and_says_what_to_do(environment: dict[str, str]) -> None:
    ended = await run(environment, "--speed", 2, "--rate", 2)
    assert ended.code == 2
    assert "leave one" in ended.err


async def test_an_absent_gateway_exits_with_3(environment: dict[str, str], log: Log) -> None:
    absent = {**environment, "PHAROS_GATEWAY_URL": "http://127.0.0.1:9"}
    ended = await run(absent, "--trace", log(HOSTS))
    assert ended.code == 3
    assert "pharos up" in ended.err


async def test_a_home_without_a_token_exits_with_3(environment: dict[str, str], log: Log) -> None:
    del environment["PHAROS_SERVICE_TOKEN"]
    ended = await run(environment, "--trace", log(HOSTS))
    assert ended.code == 3
    assert "no stack has been started here" in ended.err


async def test_a_gateway_elsewhere_is_refused_with_4(environment: dict[str, str], log: Log) -> None:
    elsewhere = {**environment, "PHAROS_GATEWAY_URL": "http://gateway.example"}
    ended = await run(elsewhere, "--trace", log(HOSTS))
    assert ended.code == 4
    assert "PHAROS_LOAD_REMOTE=yes" in ended.err


@pytest.mark.parametrize("rotate", [Path.unlink, lambda path: path.write_text("")])
async def test_a_log_that_is_rotated_during_the_replay_ends_it_with_1_and_the_reason(
    product: StandIn, environment: dict[str, str], log: Log, rotate: Callable[[Path], object]
) -> None:
    path = log(HOSTS)
    process = await start(environment, "--trace", path, "--rate", 20, "--duration", 3600)
    await asyncio.to_thread(
        eventually, lambda: len(product.events), lambda count: count >= 5, "the events"
    )
    rotate(path)
    ended = await asyncio.wait_for(end(process), PATIENCE)
    assert ended.code == 1
    assert f"pharos load: {path} " in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_run_still_records_and_reports_what_was_accepted(
    product: StandIn, environment: dict[str, str], log: Log, number: signal.Signals
) -> None:
    process = await start(environment, "--trace", log(HOSTS), "--duration", 600, "--json")
    await asyncio.wait_for(product.arrived.wait(), PATIENCE)
    process.send_signal(number)
    ended = await end(process)
    summary = json.loads(ended.out)
    record = Path(environment["PHAROS_HOME"]) / "runs" / f"{summary['run']}.jsonl"
    assert ended.code == 0
    assert "Stopped before its end" in ended.err
    assert summary["events_accepted"] == len(record.read_text().splitlines()) == len(product.events)


async def test_a_second_interrupt_gives_up_what_is_in_flight(
    product: StandIn, environment: dict[str, str], log: Log
) -> None:
    product.delay = 600
    process = await start(environment, "--trace", log(HOSTS), "--duration", 600, "--json")
    await asyncio.wait_for(product.arrived.wait(), PATIENCE)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert b"interrupt again" in await asyncio.wait_for(process.stderr.readline(), PATIENCE)
    process.send_signal(signal.SIGINT)
    ended = await asyncio.wait_for(end(process), PATIENCE)
    summary = json.loads(ended.out)
    assert ended.code == 1
    assert summary["failed"] == summary["sent"] > 0
