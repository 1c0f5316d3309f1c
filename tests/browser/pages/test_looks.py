"""Every main page: without barriers in light and dark, whole at 320 px and 200 %, usable with fingers and on paper."""

from collections.abc import Iterator, Mapping
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.pages.live import Live, keep_screenshot

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Dark colours change nothing but colours.
RULES: Mapping[Literal["light", "dark"], dict[str, object]] = {
    "light": {"type": "tag", "values": STANDARDS},
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
WIDTHS = (320, 640, 1000, 1920)
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPACED = "* {line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important}"

# A page is an address, or an address and what is pressed there.
PAGES: Mapping[str | None, Mapping[str, tuple[str, ...]]] = {
    None: {"sign-in": ("/sign-in",), "sign-in-refused": ("/sign-in", "button.primary")},
    "anna": {
        "tasks": ("/tasks",),
        "task-beside-list": ("/tasks", "[data-open]"),
        "task": ("/tasks", "[data-open]", "text=Diagram, history and comments"),
        "task-with-errors": ("/tasks?q=confirm", "[data-open]", "button:has-text('Complete')"),
        "no-task": ("/tasks?q=nothing+matches",),
        "case": ("/tasks", "[data-label=Case] a"),
        "outbox": ("/outbox?state=handed+over",),
        "not-found": ("/nowhere",),
    },
    "ines": {
        "my-cases": ("/cases",),
        "start": ("/start",),
        "start-form": ("/start", "h2 a"),
        "start-with-errors": ("/start", "h2 a", "button.primary"),
        "my-case": ("/cases", "td.first a"),
        "supported": ("/supported",),
        "my-reports": ("/reports",),
        "my-report": ("/reports", "td a"),
    },
    "petra": {
        "registers": ("/registers",),
        "register": ("/registers/stakeholder_requirements",),
        "record": ("/registers/stakeholder_requirements", "td.first a"),
        "compared": ("/registers/stakeholder_requirements", "td.first a", "text=Compare with the version before"),
        "need": ("/registers/stakeholder_needs", "td.first a"),
        "report": ("/reports", "td a"),
        "record-form": ("/registers/services", "td.first a", "a.button"),
        "processes": ("/processes",),
        "process": ("/processes", "td.first a"),
        "publish": ("/processes/publish",),
        "manual": ("/manual/bpmn",),
        "manual-with-code": ("/manual/operations-for-models",),
        "rules": ("/processes/rules",),
        "failures": ("/failures",),
        "mending": (
            "/cases?show=all&status=active",
            "td.first a",
            "text=Mend the case by hand",
            "[id^=move-] summary",
            "[id^=skip-] summary",
            "[id^=variables-] summary",
        ),
        "mending-refused": (
            "/cases?show=all&status=active",
            "td.first a",
            "text=Mend the case by hand",
            "[id^=variables-] summary",
            "button:has-text('Show what changes')",
        ),
        "performance": ("/performance",),
        "performance-of-a-process": ("/performance", "th.first a"),
        "performance-by-repeats": ("/performance/a21?heat=rework&from=2020-01-01",),
        "performance-of-nothing": ("/performance/a21?service=none&from=2020-01-01&to=2020-02-01",),
        "performance-refused": ("/performance/a21?from=2020-02-01&to=2020-01-01",),
        "cases-behind-a-figure": ("/performance/a21/cases?measure=cycle_time.p85",),
        "comments-of-originators": ("/performance/a21/comments",),
        "measures": ("/measures",),
        "evaluations": ("/performance/a21/evaluations",),
        "evaluation": ("/performance/a21/evaluations", "tr:nth-child(2) th.first a"),
        "evaluation-open": ("/performance/a21/evaluations", "th.first a"),
        "evaluation-task": ("/performance/a21/evaluations", "th.first a", "text=Judge it"),
        "account": ("/account",),
        "menu": ("/account", ".person summary"),
    },
    "adam": {"people": ("/people",), "performance-for-admins": ("/performance", "th.first a")},
}


def opened(page: Page, pages: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Open one page after the other; yield their names."""
    for name, (address, *presses) in pages.items():
        page.goto(address)
        # A test of the page as a browser shows it: what the browser would refuse itself is sent all the same.
        page.evaluate("document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
        for press in presses:
            if press.endswith("summary"):
                page.locator(press).first.click()
                continue
            with page.expect_navigation():
                page.locator(press).first.click()
        page.locator("h1").first.wait_for()
        # not wait_for_function: from its second look on it evaluates text in the page, which the policy forbids
        expect(page.locator(".diagram:not([data-drawn=yes])")).to_have_count(0)
        yield name


@pytest.mark.parametrize("who", PAGES, ids=str)
def test_no_page_has_a_barrier(live: Live, who: str | None) -> None:
    """Each page as it is, and once more in dark colours."""
    found: list[str] = []
    with live.visit(who, color_scheme="light", viewport={"width": 1366, "height": 850}) as page:
        for name in opened(page, PAGES[who]):
            for theme, rules in RULES.items():
                page.emulate_media(color_scheme=theme)
                keep_screenshot(page, f"{name}-{theme}")
                report = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response
                found += [
                    f"{name}, {theme}: {rule['id']} {node['target']} {node['failureSummary']}"
                    for rule in report["violations"]
                    for node in rule["nodes"]
                ]
            page.emulate_media(color_scheme="light")
    assert found == []


@pytest.mark.parametrize("who", PAGES, ids=str)
def test_no_page_has_to_be_moved_sideways(live: Live, who: str | None) -> None:
    """320 px is a small phone and 1,280 px at 400 %, 640 px is 1,280 px at 200 % (WCAG 1.4.4, 1.4.10).

    Each page is opened at 320 px and grows then, as when a phone is turned or text made smaller again.
    """
    wide: list[str] = []
    with live.visit(who, viewport={"width": WIDTHS[0], "height": 700}) as page:
        for name in opened(page, PAGES[who]):
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 700})
                keep_screenshot(page, f"{name}-{width}")
                if (over := page.evaluate(OVER)) > 0:
                    wide.append(f"{name} at {width}: {over} px")
            page.set_viewport_size({"width": WIDTHS[0], "height": 700})
    assert wide == []


@pytest.mark.parametrize("who", PAGES, ids=str)
def test_text_can_be_spaced_out(live: Live, who: str | None) -> None:
    """WCAG 1.4.12: nothing is cut when a reader widens lines, letters and words."""
    wide: list[str] = []
    with live.visit(who, viewport={"width": 640, "height": 700}, bypass_csp=True) as page:
        for name in opened(page, PAGES[who]):
            page.add_style_tag(content=SPACED)
            if (over := page.evaluate(OVER)) > 0:
                wide.append(f"{name}: {over} px")
    assert wide == []


@pytest.mark.parametrize("who", PAGES, ids=str)
def test_buttons_are_large_enough_for_fingers(live: Live, who: str | None) -> None:
    small: list[str] = []
    script = """() => [...document.querySelectorAll('main button, main select, main .button, header nav a')]
        .filter((found) => found.checkVisibility() && !found.closest('.diagram') && !found.matches('.visually-hidden'))
        .filter((found) => found.getBoundingClientRect().height < 44)
        .map((found) => found.outerHTML.slice(0, 120))"""
    with live.visit(who, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        for name in opened(page, PAGES[who]):
            small += [f"{name}: {found}" for found in page.evaluate(script)]
    assert small == []


def test_paper_shows_the_case_and_nothing_to_press(live: Live) -> None:
    with live.visit("anna") as page:
        for _ in opened(page, {"case": PAGES["anna"]["case"]}):
            page.emulate_media(media="print")
            assert not page.locator("header nav").is_visible()
            assert not page.locator("button:visible").count()
            assert page.locator(".timeline").is_visible()
            keep_screenshot(page, "case-paper")


def test_a_title_without_spaces_is_broken(live: Live) -> None:
    title = "=HYPERLINK(" + "x" * 100 + ")"
    ines = live.engine.identity.actor("ines")
    values = {"title": title, "statement": "One long word, and a need all the same."}
    case = live.engine.runtime.start("capture_customer_need", values, actor=ines)
    (record, *_) = live.engine.history.case(case.id, ines).records
    with live.visit("ines", viewport={"width": 320, "height": 700}) as page:
        for address in (f"/cases/{case.id}", f"/registers/{record.ref.register}/records/{record.ref.id}", "/cases"):
            page.goto(address)
            over = page.evaluate(OVER)
            assert over <= 0, address


def test_a_title_without_spaces_leaves_the_other_columns_their_room(live: Live) -> None:
    values = {"title": "x" * 100, "statement": "One long word, and a need all the same."}
    live.engine.runtime.start("capture_customer_need", values, actor=live.engine.identity.actor("ines"))
    with live.visit("petra", viewport={"width": 1280, "height": 850}) as page:
        for _ in opened(page, {"report": PAGES["petra"]["report"]}):
            cell = page.locator("[data-label='What became of it']").first.bounding_box()
            assert cell is not None
            assert cell["width"] > 250


def test_paper_says_when_and_not_how_long_ago(live: Live) -> None:
    with live.visit("ines") as page:
        page.goto("/cases")
        page.emulate_media(media="print")
        shown = page.evaluate("getComputedStyle(document.querySelector('time.relative'), '::after').content")
        assert ":" in shown
        assert len(shown) <= len('"22 Nov 2026, 12:47 pm GMT+10:30"'), "narrow columns hold it in two lines"


def test_paper_says_when_without_scripts_too(live: Live) -> None:
    with live.visit("ines", java_script_enabled=False) as page:
        page.goto("/cases")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.querySelector('time.relative')).fontSize") != "0px"
