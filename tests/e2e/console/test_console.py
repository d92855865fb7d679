"""The console in a real browser: signing in, true numbers, scaling and a drill by clicking."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.calm import until_let_in
from tests.e2e.traffic import replaying, write_access_log
from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack, pytest.mark.browser]

PATIENCE = 60_000  # milliseconds: a replica starts, a drill comes to its verdict

# The page comes in parts; it is whole when requests are counted and each part has its figures.
ALL_SHOWN = """() =>
    Number(document.querySelector('[data-reading="requests"]')?.dataset.value) > 0 &&
    document.querySelector('[data-reading="replica_p99"]') &&
    document.querySelector('[data-reading="outbox_depth"]')"""


def _sign_in_link(stack: RunningStack) -> str:
    words = stack.run("open").stdout.split()
    return next(word for word in words if "/sign-in/" in word)


@pytest_asyncio.fixture
async def signed_in(whole_stack: RunningStack, page: Page) -> AsyncIterator[Page]:
    await page.goto(_sign_in_link(whole_stack))
    await expect(page.locator('[data-chip="stack"]')).to_be_visible(timeout=PATIENCE)
    yield page


async def _open(page: Page, stack: RunningStack, name: str) -> None:
    await page.goto(f"{stack.url('console')}/{name}")
    await expect(page.locator('[data-chip="stack"]')).to_be_visible(timeout=PATIENCE)


async def _give_reason(page: Page, form: str, words: str) -> None:
    field = page.locator(f".st-key-{form}").get_by_label("Reason")
    await field.fill(words)
    await field.press("Tab")


async def test_a_stranger_sees_the_way_in_and_nothing_else(stack: RunningStack, page: Page) -> None:
    await page.goto(f"{stack.url('console')}/load")
    await expect(page.get_by_text("Sign in").first).to_be_visible(timeout=PATIENCE)
    assert await page.locator("[data-reading]").count() == 0


async def test_the_load_page_shows_what_prometheus_answers(
    signed_in: Page, whole_stack: RunningStack, tmp_path: Path
) -> None:
    log = write_access_log(tmp_path / "access.log", 900)
    with replaying(whole_stack, log, rate=40, seconds=600):
        await _open(signed_in, whole_stack, "load")
        false = await _false_readings(signed_in, whole_stack)
        # A scrape that was under way at the moment asked for is stored a little later.
        while false and (await _shown_for(signed_in)) < 60:
            false = await _false_readings(signed_in, whole_stack)
    assert false == []


async def _shown_for(page: Page) -> float:
    return float(await page.evaluate("() => performance.now() / 1000"))


async def _false_readings(page: Page, stack: RunningStack) -> list[tuple[dict[str, str], float]]:
    """Return what the page shows now and what Prometheus says of the same moment, where unlike."""
    await page.wait_for_function(ALL_SHOWN, timeout=PATIENCE)
    readings = await page.evaluate(
        """() => [...document.querySelectorAll('[data-reading]')].map(each => ({
               query: each.title, of: each.dataset.of, value: each.dataset.value,
               at: each.closest('[data-at]')?.dataset.at }))"""
    )
    compared = [each for each in readings if each["value"] and each["at"]]
    assert len(compared) > 15
    return [
        (each, asked) for each in compared if float(each["value"]) != (asked := _asked(stack, each))
    ]


def _asked(stack: RunningStack, reading: dict[str, str]) -> float:
    """Ask Prometheus what the page asked, for the moment for which it asked."""
    form = {"query": reading["query"], "time": reading["at"]}
    answer = httpx.post(f"{stack.url('prometheus')}/api/v1/query", data=form).json()
    found = [
        float(sample["value"][1])
        for sample in answer["data"]["result"]
        if not reading["of"] or reading["of"] in sample["metric"].values()
    ]
    assert len(found) == 1, reading
    return found[0]


async def test_scaling_by_clicking_waits_until_the_new_replicas_serve(
    signed_in: Page, whole_stack: RunningStack
) -> None:
    await _open(signed_in, whole_stack, "replicas")
    count = signed_in.get_by_label("Replicas", exact=True)
    await count.fill("3")
    await count.press("Enter")
    preview = signed_in.locator('[data-preview="api"]')
    await expect(preview).to_contain_text("2 → 3", timeout=PATIENCE)
    await _give_reason(signed_in, "form-scale", "clicked by the suite")
    await signed_in.get_by_role("button", name="Scale api to 3").dblclick()
    await expect(signed_in.locator('[data-kind="scale"][data-action="done"]')).to_be_visible(
        timeout=PATIENCE
    )
    assert len(whole_stack.ready()) == len(whole_stack.replicas()) == 3
    rows = whole_stack.json("audit", "--json")
    asked = [row for row in rows if row["reason"] == "clicked by the suite"]
    assert {row["actor"] for row in asked} == {"operator@local"}
    assert [row["outcome"] for row in asked].count("accepted") == 1


async def test_a_rolling_restart_by_clicking_costs_no_request(
    signed_in: Page, whole_stack: RunningStack, tmp_path: Path
) -> None:
    log = write_access_log(tmp_path / "access.log", 3000)
    before = {replica.id: replica.pid for replica in whole_stack.replicas()}
    with replaying(whole_stack, log, rate=10, seconds=900) as replay:
        await _open(signed_in, whole_stack, "replicas")
        form = signed_in.locator(".st-key-form-replicas")
        confirm = form.get_by_label("Type api to confirm")
        await expect(confirm).to_be_visible(timeout=PATIENCE)
        await _give_reason(signed_in, "form-replicas", "restarted by the suite")
        await confirm.fill("api")
        await confirm.press("Tab")
        await form.get_by_role("button", name="Restart all of api").dblclick()
        done = signed_in.locator('[data-kind="restart"][data-action="done"]')
        await expect(done).to_be_visible(timeout=3 * PATIENCE)
        summary = replay.stop()
    assert (summary["failed"], summary["ok"]) == (0, summary["sent"]), replay.told
    assert not any(before[replica.id] == replica.pid for replica in whole_stack.replicas())
    assert len(whole_stack.ready()) == len(whole_stack.replicas())
    assert all(replica.aside is None for replica in whole_stack.replicas())
    rows = whole_stack.json("audit", "--json")
    asked = [row["outcome"] for row in rows if row["reason"] == "restarted by the suite"]
    assert sorted(asked) == ["accepted", "done"]


async def test_a_drill_by_clicking_goes_from_its_guards_over_a_halt_to_its_verdict(
    signed_in: Page, whole_stack: RunningStack, tmp_path: Path
) -> None:
    log = write_access_log(tmp_path / "access.log", 900)
    # Too few requests for the drill to judge their latency: a browser beside the stack makes it too
    # high on a slow machine. What earlier tests broke may still page, which only game-day allows.
    with replaying(whole_stack, log, rate=1, seconds=900):
        until_let_in(whole_stack, "pause-replica", "game-day")
        await _open(signed_in, whole_stack, "chaos?find=pause-replica")
        await signed_in.locator('[data-table="experiments"] a').first.click()
        await signed_in.get_by_role("combobox", name="Guard profile").click()
        await signed_in.get_by_role("option", name="game-day").click()
        await expect(signed_in.locator('[data-guards="yes"]')).to_be_visible(timeout=PATIENCE)
        form = signed_in.locator(".st-key-form-pause-replica")
        await _give_reason(signed_in, "form-pause-replica", "paused by the suite")
        await form.get_by_label("Type pause-replica to confirm").fill("pause-replica")
        await form.get_by_role("button", name="Run this drill").dblclick()
        await expect(signed_in.locator("[data-lease]")).to_be_visible(timeout=2 * PATIENCE)
        await _switch(signed_in, "Halt this drill", "halt-drill", "Halt now")
        await expect(signed_in.locator("[data-verdict]")).to_be_visible(timeout=2 * PATIENCE)
    await expect(signed_in.locator("[data-lease]")).to_have_count(0)
    await expect(signed_in.locator('[data-chip="halt"]')).to_be_visible(timeout=PATIENCE)
    await _switch(signed_in, "Re-arm drills", "rearm", "Re-arm")
    await expect(signed_in.locator('[data-chip="halt"]')).to_have_count(0, timeout=PATIENCE)
    rows = whole_stack.json("audit", "--json")
    asked = [row["outcome"] for row in rows if row["reason"] == "paused by the suite"]
    assert asked.count("accepted") == 1


async def _switch(page: Page, opens: str, form: str, does: str) -> None:
    await page.get_by_role("button", name=opens).click()
    field = page.locator(f'[class*="st-key-{form}-reason"] input')
    await field.fill("switched by the suite")
    await field.press("Tab")
    await page.get_by_role("button", name=does, exact=True).click()


@pytest.mark.parametrize(
    "name", ["load", "replicas", "chaos", "timeline", "alerts?alert=ReplicaDown", "dashboards"]
)
async def test_a_page_fits_a_narrow_window_and_throws_nothing(
    signed_in: Page, whole_stack: RunningStack, name: str
) -> None:
    await signed_in.set_viewport_size({"width": 400, "height": 900})
    await _open(signed_in, whole_stack, name)
    await expect(signed_in.locator(".ph-section").last).to_be_attached(timeout=PATIENCE)
    assert await signed_in.locator(".stException").count() == 0
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await signed_in.evaluate(overflow) <= 0


async def test_the_link_of_an_alert_opens_its_runbook_and_asks_its_queries(
    signed_in: Page, whole_stack: RunningStack
) -> None:
    await _open(signed_in, whole_stack, "alerts?alert=ReplicaDown")
    runbook = signed_in.locator(".st-key-runbook")
    await expect(runbook.get_by_role("heading", name="Mitigation")).to_be_visible(timeout=PATIENCE)
    await runbook.get_by_role("button", name="Ask now").first.click()
    await expect(runbook.get_by_text("role=api").first).to_be_visible(timeout=PATIENCE)
