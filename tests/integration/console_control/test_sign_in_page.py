"""The sign-in page in a real browser, which sends what no other client does."""

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.fixtures.control_service import Service

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


@pytest.fixture
def ada(operator: httpx.Client) -> str:
    """Return the name of a person who may sign in with `PASSWORD`."""
    operator.post("/v1/people", json={"name": "ada", "password": PASSWORD, "reason": "joins"})
    return "ada"


@pytest.fixture
def used_link(service: Service, operator: httpx.Client) -> str:
    url = str(operator.post("/v1/sign-in-links").json()["url"])
    assert service.visit(url).status_code == 303
    return url


async def test_a_person_signs_in_after_a_mistake(service: Service, ada: str, page: Page) -> None:
    await page.goto(f"{service.url}/sign-in?next=/chaos")
    await page.get_by_label("Name").fill(ada)
    await page.get_by_label("Password").fill("a guess")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    await page.get_by_label("Password").fill(PASSWORD)
    console = f"http://127.0.0.1:{service.home.ports['console']}/chaos"
    async with page.expect_request(console):
        await page.get_by_role("button", name="Sign in").click()
    cookies = await page.context.cookies()
    assert [cookie.get("name") for cookie in cookies] == [service.control.settings.cookie]


async def test_a_used_link_says_so_and_leads_to_the_form(used_link: str, page: Page) -> None:
    await page.goto(used_link)
    await expect(page.get_by_role("heading")).to_have_text("This link no longer works")
    await page.get_by_role("link", name="Sign in").click()
    await expect(page.get_by_label("Name")).to_be_focused()
