"""Those who are no admin in a real browser: each finds what he may press, nothing else works.

What an admin does by clicking, `test_console` tells.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PATIENCE = 60_000  # milliseconds
PASSWORD = secrets.token_urlsafe(12)
WHY = {"reason": "the suite looks on"}
# What each page shows a viewer in full, and beside it would have a button for an operator.
PAGES = {
    "replicas": ".ph-table",
    "chaos?experiment=kill-replica": "[data-guards]",
    "alerts?alert=ReplicaDown": ".st-key-runbook",
}
# What an operator has there to press.
BUTTONS = {
    "replicas": "Scale api",
    "chaos?experiment=kill-replica": "Run this drill",
}


@pytest.fixture
def admin(stack: RunningStack) -> Iterator[httpx.Client]:
    owner = {"Authorization": f"Bearer {stack.secret('operator_token')}"}
    with httpx.Client(base_url=stack.url("control"), headers=owner, trust_env=False) as client:
        yield client


@contextmanager
def _let_in(admin: httpx.Client, role: str) -> Iterator[str]:
    name = f"{role}-{secrets.token_hex(3)}"
    person = {"name": name, "password": PASSWORD, "role": role, **WHY}
    assert admin.post("/v1/people", json=person).status_code == 201
    yield name
    assert admin.request("DELETE", f"/v1/people/{name}", json=WHY).status_code == 204


@pytest.fixture
def viewer(admin: httpx.Client) -> Iterator[str]:
    """Let somebody in as viewer, for as long as the test takes."""
    with _let_in(admin, "viewer") as name:
        yield name


@pytest.fixture
def operator(admin: httpx.Client) -> Iterator[str]:
    """Let somebody in as operator, who may halt: drills are armed again when the test has ended."""
    with _let_in(admin, "operator") as name:
        yield name
        assert admin.post("/v1/rearm", json=WHY).status_code == 200


async def _sign_in(page: Page, stack: RunningStack, name: str) -> None:
    await page.goto(f"{stack.url('control')}/sign-in")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator('[data-chip="stack"]')).to_be_visible(timeout=PATIENCE)


async def test_a_viewer_sees_no_action_and_the_service_refuses_it_all_the_same(
    stack: RunningStack, page: Page, viewer: str
) -> None:
    await _sign_in(page, stack, viewer)
    await expect(page.get_by_text(f"{viewer} (viewer)")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator('[data-chip="environment"]')).to_have_text("local")
    await expect(page.get_by_text("Halt drills")).to_be_visible()
    for name, shown in PAGES.items():
        await page.goto(f"{stack.url('console')}/{name}")
        await expect(page.locator(shown).first).to_be_visible(timeout=PATIENCE)
        await expect(page.locator('[data-testid="stFormSubmitButton"]')).to_have_count(0)
    counts = {"role": "api", "count": 3, **WHY}
    answer = await page.request.post(
        f"{stack.url('control')}/v1/scale", data=counts, headers={"X-Pharos-Client": "test"}
    )
    assert answer.status == 403
    assert (await answer.json())["detail"] == f"This takes the right operator; {viewer} has viewer."
    rows = stack.json("audit", "--json")
    assert (rows[0]["actor"], rows[0]["outcome"]) == (viewer, "refused")
    assert stack.run("audit", "verify").returncode == 0


async def test_an_operator_acts_and_halts_but_only_an_admin_rearms(
    stack: RunningStack, page: Page, operator: str
) -> None:
    await _sign_in(page, stack, operator)
    await expect(page.get_by_text(f"{operator} (operator)")).to_be_visible(timeout=PATIENCE)
    for name, button in BUTTONS.items():
        await page.goto(f"{stack.url('console')}/{name}")
        await expect(page.get_by_role("button", name=button)).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Halt drills").click()
    reason = page.locator('[class*="st-key-halt-reason"] input')
    await reason.fill("halted by the suite")
    await reason.press("Tab")
    await page.get_by_role("button", name="Halt now").click()
    await expect(page.get_by_text("An admin may re-arm")).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Re-arm")).to_have_count(0)
    answer = await page.request.post(
        f"{stack.url('control')}/v1/rearm", data=WHY, headers={"X-Pharos-Client": "test"}
    )
    assert answer.status == 403
    assert (await answer.json())[
        "detail"
    ] == f"This takes the right admin; {operator} has operator."
