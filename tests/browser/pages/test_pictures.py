"""Models without scripts: drawn by the server, legible on every screen and in both themes, without barriers."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.pages.live import Live, keep_screenshot
from tests.browser.pages.test_looks import STANDARDS

pytestmark = pytest.mark.browser

PAGES = (("anna", "/cases?show=all&status=active"), ("petra", "/processes"), ("petra", "/performance/a21?heat=elapsed"))


def open_first(page: Page, address: str) -> None:
    page.goto(address)
    if not address.startswith("/performance"):
        page.locator("td.first a").first.click()
    page.locator("h1").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("who", "address"), PAGES, ids=["case", "process", "heat"])
def test_a_picture_has_no_barrier(live: Live, who: str, address: str, theme: str) -> None:
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    with live.visit(who, color_scheme=theme) as page:
        open_first(page, address)
        # The check is a script itself: what a browser shows without scripts is put in the place of what scripts draw.
        expect(page.locator(".diagram:not([data-drawn=yes])")).to_have_count(0)
        page.evaluate("document.querySelectorAll('.diagram').forEach((drawn) => drawn.remove())")
        page.evaluate("document.querySelectorAll('noscript').forEach((each) => { each.outerHTML = each.textContent; })")
        expect(page.locator("svg.drawn").first).to_be_visible()
        keep_screenshot(page, f"picture-{address.partition('?')[0].split('/')[1]}-{theme}")
        # It takes the page for the ground of all text, also of what stands on a coloured step of a heat map.
        context = {"exclude": [["[class*=heat-] > text"]]} if "heat" in address else None
        report = Axe().run(page, context=context, options=options).response
    found = [f"{rule['id']} {node['target']}" for rule in report["violations"] for node in rule["nodes"]]
    assert found == []


@pytest.mark.parametrize("width", [320, 640])
def test_a_wide_picture_moves_in_its_frame_and_by_keyboard(live: Live, width: int) -> None:
    with live.visit("anna", java_script_enabled=False, viewport={"width": width, "height": 700}) as page:
        open_first(page, PAGES[0][1])
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0
        frame = page.get_by_role("region", name="Diagram of").first
        frame.focus()
        page.keyboard.press("ArrowRight")
        expect(frame).to_be_focused()
        page.wait_for_timeout(300)
        assert frame.evaluate("frame => frame.scrollLeft") > 0


def test_names_are_not_wider_than_their_tasks(live: Live) -> None:
    """The server does not know the font: its lines have to fit by measure of the browser."""
    script = """() => [...document.querySelectorAll('svg.drawn g.node')]
        .filter((node) => node.querySelector('rect') && !node.matches('.participant, .lane'))
        .filter((node) => node.querySelector('text')
            && node.querySelector('text').getBBox().width > node.querySelector('rect').getBBox().width)
        .map((node) => node.textContent)"""
    with live.visit("petra", java_script_enabled=False) as page:
        page.goto("/processes")
        addresses = [link.get_attribute("href") for link in page.locator("td.first a").all()]
        for address in addresses:
            page.goto(str(address))
            assert page.evaluate(script) == []


def test_with_scripts_the_model_is_drawn_once(live: Live) -> None:
    with live.visit("anna") as page:
        page.goto(PAGES[0][1])
        page.locator("td.first a").first.click()
        expect(page.locator(".diagram[data-drawn=yes]").first).to_be_visible()
        expect(page.locator("svg.drawn")).to_have_count(0)
