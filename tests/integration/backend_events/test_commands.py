"""`pharos events …` and `pharos migrate` against real tables and queues."""

import json
from pathlib import Path

import pytest

from tests.integration.backend_events.eventside import SOURCE, EventSide, eventually
from tests.integration.backend_events.processes import environment, pharos

pytestmark = pytest.mark.stack


async def _applied(side: EventSide, count: int) -> None:
    """Append events and let them reach the read model."""
    await side.append(await side.user(), count)
    async with side.relay(), side.worker():
        await eventually(lambda: side.value("SELECT count(*) FROM inbox"), count)


async def _run_file(side: EventSide, home: Path, *more: str) -> None:
    rows = await side.connection.fetch("SELECT id FROM events")
    lines = [
        json.dumps({"source": SOURCE, "id": name}) for name in [*(row["id"] for row in rows), *more]
    ]
    (home / "runs").mkdir()
    (home / "runs" / "r1.jsonl").write_text("".join(f"{line}\n" for line in lines))


async def _verified(side: EventSide, home: Path) -> tuple[int, dict[str, int]]:
    ended = await pharos(environment(side.settings, home), "events", "verify", "--run=r1", "--json")
    return ended.code, json.loads(ended.out)


async def test_stats_count_from_acceptance_to_the_read_model(
    side: EventSide, tmp_path: Path
) -> None:
    await _applied(side, 3)
    await side.publish((await side.messages())[0])
    async with side.worker():
        await eventually(lambda: side.value("SELECT sum(deliveries) FROM inbox"), 4)
    await side.append(await side.user(), 2)
    ended = await pharos(environment(side.settings, tmp_path), "events", "stats", "--json")
    stats = json.loads(ended.out)
    assert stats.pop("lag_seconds") > 0
    assert stats == {
        "accepted": 5,
        "outbox": 2,
        "published": 3,
        "consumed": 3,
        "duplicates": 1,
        "dead": 0,
        "by_type": {"page.viewed": 5},
    }


async def test_stats_without_a_broker_say_where_the_dead_are_from(
    side: EventSide, tmp_path: Path
) -> None:
    env = environment(side.settings, tmp_path) | {"PHAROS_RABBITMQ_PORT": "1"}
    ended = await pharos(env, "events", "stats", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["dead"] == 0
    assert "`dead` is from the inbox" in ended.err


async def test_a_drain_ends_when_all_is_dealt_with(side: EventSide, tmp_path: Path) -> None:
    await _applied(side, 3)
    env = environment(side.settings, tmp_path)
    ended = await pharos(env, "events", "drain", "--timeout", "20")
    assert (ended.code, ended.out) == (0, "drained: 3 consumed, 0 given up\n")


async def test_a_drain_that_is_not_over_in_time_says_what_is_left(
    side: EventSide, tmp_path: Path
) -> None:
    await side.append(await side.user(), 2)
    env = environment(side.settings, tmp_path)
    ended = await pharos(env, "events", "drain", "--timeout", "0")
    assert ended.code == 3
    assert "2 in the outbox, 2 not dealt with" in ended.err


async def test_a_clean_run_is_verified(side: EventSide, tmp_path: Path) -> None:
    await _applied(side, 4)
    await _run_file(side, tmp_path)
    clean = {"sent": 4, "missing": 0, "doubled": 0, "out_of_order": 0}
    assert await _verified(side, tmp_path) == (0, clean)


async def test_an_event_that_never_arrived_is_missing(side: EventSide, tmp_path: Path) -> None:
    await _applied(side, 4)
    await side.append(await side.user())
    await _run_file(side, tmp_path, "never-accepted")
    found = {"sent": 6, "missing": 2, "doubled": 0, "out_of_order": 0}
    assert await _verified(side, tmp_path) == (1, found)


async def test_an_effect_that_happened_twice_is_doubled(side: EventSide, tmp_path: Path) -> None:
    await _applied(side, 4)
    await side.connection.execute("UPDATE activity_summaries SET events = events + 1")
    await _run_file(side, tmp_path)
    found = {"sent": 4, "missing": 0, "doubled": 1, "out_of_order": 0}
    assert await _verified(side, tmp_path) == (1, found)


async def test_a_row_that_stands_twice_is_doubled(side: EventSide, tmp_path: Path) -> None:
    await _applied(side, 4)
    await side.connection.execute(
        "INSERT INTO activity (event_key, user_id, sequence, source, id, type, time) "
        "SELECT event_key, user_id, sequence, source, id, type, time FROM activity "
        "WHERE sequence = 4"
    )
    await _run_file(side, tmp_path)
    # Once for the identity, once for the user whose count no longer fits.
    found = {"sent": 4, "missing": 0, "doubled": 2, "out_of_order": 0}
    assert await _verified(side, tmp_path) == (1, found)


async def test_an_order_of_application_that_differs_is_found(
    side: EventSide, tmp_path: Path
) -> None:
    await _applied(side, 4)
    await side.connection.execute(
        "UPDATE activity SET sequence = CASE sequence WHEN 2 THEN 3 ELSE 2 END "
        "WHERE sequence IN (2, 3)"
    )
    await _run_file(side, tmp_path)
    found = {"sent": 4, "missing": 0, "doubled": 0, "out_of_order": 1}
    assert await _verified(side, tmp_path) == (1, found)


async def test_a_hundred_thousand_ids_are_verified(side: EventSide, tmp_path: Path) -> None:
    count = 100_000
    user = await side.user()
    await side.connection.execute(
        "WITH new AS (INSERT INTO events "
        "SELECT gen_random_uuid(), $1, n::text, 't', $2, n, now(), now(), '{}' "
        "FROM generate_series(1, $3) AS n RETURNING *) "
        "INSERT INTO activity (event_key, user_id, sequence, source, id, type, time) "
        "SELECT key, user_id, sequence, source, id, type, time FROM new ORDER BY sequence",
        *(SOURCE, user, count),
    )
    await side.connection.execute(
        "INSERT INTO activity_summaries VALUES ($1, $2, $2, now())", user, count
    )
    await _run_file(side, tmp_path)
    clean = {"sent": count, "missing": 0, "doubled": 0, "out_of_order": 0}
    assert await _verified(side, tmp_path) == (0, clean)


async def test_an_unknown_run_is_wrong_usage(side: EventSide, tmp_path: Path) -> None:
    ended = await pharos(environment(side.settings, tmp_path), "events", "verify", "--run", "r9")
    assert ended.code == 2
    assert "no run 'r9'" in ended.err


async def test_migrating_an_up_to_date_schema_changes_nothing(
    side: EventSide, tmp_path: Path
) -> None:
    ended = await pharos(environment(side.settings, tmp_path), "migrate")
    assert (ended.code, ended.out) == (0, "the schema is up to date\n")


async def test_a_database_that_is_away_is_not_ready(side: EventSide, tmp_path: Path) -> None:
    env = environment(side.settings, tmp_path) | {"PHAROS_POSTGRES_PORT": "1"}
    for command in (["events", "stats"], ["events", "drain"], ["migrate"]):
        ended = await pharos(env, *command)
        assert ended.code == 3
        assert "Is the stack up?" in ended.err
