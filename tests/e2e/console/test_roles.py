"""A viewer in a real browser: everything is shown, nothing can be pressed, and none of it works."""

import secrets
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PATIENCE = 60_000  # milliseconds
NAME, PASSWORD = f"vera-{secrets.token_hex(3)}", secrets.token_urlsafe(12)
WHY = {"reason": "the suite looks on"}
# What each page shows a viewer in full, and beside it would have a button for an operator.
PAGES = {
    "replicas": ".ph-table",
    "chaos?experiment=kill-replica": "[data-guards]",
    "alerts?alert=ReplicaDown": ".st-key-runbook",
}


@pytest.fixture
def viewer(stack: RunningStack) -> Iterator[str]:
    """Let somebody in as viewer, for as long as the test takes."""
    owner = {"Authorization": f"Bearer {stack.secret('operator_token')}"}
    with httpx.Client(base_url=stack.url("control"), headers=owner, trust_env=False) as admin:
        person = {"name": NAME, "password": PASSWORD, "role": "viewer", **WHY}
        assert admin.post("/v1/people", json=person).status_code == 201
        yield NAME
        assert admin.request("DELETE", f"/v1/people/{NAME}", json=WHY).status_code == 204


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
