"""A need that is there already: found while somebody types, supported with one press; news are read by looking."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.types import ENGINE
from tests.browser.pages.live import Live, keep_screenshot

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
STATEMENT = "Passengers should find lost luggage by its number on the platform displays and on their phones at once"
AGAIN = "On the displays of a platform and on phones, passengers want to find luggage that was lost by its number"


def barriers(page: Page) -> list[str]:
    return [str(found["id"]) for found in Axe().run(page, options=OPTIONS).response["violations"]]


def test_somebody_types_a_need_that_is_there_and_supports_it(live: Live) -> None:
    ines = live.engine.identity.actor("ines")
    values = {"title": "Lost luggage", "statement": STATEMENT, "importance": "should"}
    case = live.engine.runtime.start("capture_customer_need", values, actor=ines)
    (need,) = {use.ref.id for use in live.engine.history.case(case.id, ENGINE).records}
    with live.visit("anna", viewport={"width": 1366, "height": 900}) as page:
        page.goto("/start/capture_need_on_behalf")
        page.locator("#f-statement").press_sequentially(AGAIN, delay=1)
        link = page.locator("#f-statement-similar").get_by_role("link", name=need)
        expect(link).to_be_visible()
        keep_screenshot(page, "similar-while-typing")
        assert barriers(page) == []
        with page.expect_navigation():
            page.get_by_role("button", name="The same: add this support").first.click()
        expect(page.locator("h1")).to_have_text("Lost luggage")
        expect(page.locator("#supporters-heading")).to_have_text("Supporters: 1")
        keep_screenshot(page, "supported-need")
        assert barriers(page) == []
    with live.visit("anna", java_script_enabled=False) as page:
        page.goto("/start/capture_need_on_behalf")
        page.fill("#f-statement", AGAIN)
        page.locator("#f-organisation").select_option(index=1)
        page.locator("button.primary").click()
        expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible()
        keep_screenshot(page, "similar-without-scripts")


def test_news_are_read_by_looking_where_there_are_scripts(live: Live) -> None:
    ines = live.engine.identity.actor("ines")
    values = {"title": "Quiet coaches", "statement": "Coaches in which nobody makes calls", "importance": "should"}
    case = live.engine.runtime.start("capture_customer_need", values, actor=ines)
    live.engine.runtime.comment(case.id, "We look at it.", "everyone", actor=live.engine.identity.actor("anna"))
    with live.visit("ines") as page:
        page.goto("/cases")
        expect(page.get_by_role("row", name="Quiet coaches")).to_contain_text("a new comment")
        keep_screenshot(page, "news")
        with page.expect_response(lambda answer: answer.url.endswith("/read")) as answer:
            page.goto(f"/cases/{case.id}")
        assert answer.value.status == 204
        keep_screenshot(page, "case-with-news")
        page.goto("/cases")
        expect(page.get_by_role("row", name="Quiet coaches")).not_to_contain_text("a new comment")
