"""The small comforts of every page, each tried in a real browser under the strict policy."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.site import Site, serving

pytestmark = pytest.mark.browser


def page_with(body: str) -> str:
    return f"""<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="/icon">
<script src="/dist/app.js" defer></script></head><body><h1>Page</h1>{body}</body></html>"""


def instant(distance: timedelta) -> str:
    return (datetime.now(UTC) + distance).isoformat(timespec="seconds")


PAGES = {
    "/icon": "",
    "/list": page_with(
        """<input type="search" data-search aria-label="Search"><button data-keys-help hidden>Keys</button>
<ul data-worklist><li data-row><a data-open href="/task?1">One</a><button data-claim id="claim-1">Claim</button></li>
<li data-row><a data-open href="/task?2">Two</a>
<form method="post" action="/claim/2" data-claim><button>Claim</button></form></li></ul>"""
    ),
    "/task": page_with("<p>Task</p>"),
    "/opened": page_with(
        """<ul data-worklist><li data-row><a data-open href="/task?1">One</a></li>
<li data-row><a data-open href="/task?2" aria-current="true">Two</a><form method="post" action="/claim/2" data-claim>
</form></li><li data-row><a data-open href="/task?3">Three</a></li></ul>
<form method="post" action="/claim/opened" data-claim><button>Claim</button></form>"""
    ),
    "/form": page_with(
        """<form method="post" action="/complete"><select name="class" aria-label="Class">
<option value="business">b</option><option value="technical">t</option></select>
<input type="checkbox" name="urgent" value="true" aria-label="Urgent">
<div data-hide-key="class" data-hide-op="!=" data-hide-value="technical"><input id="component" name="component"
required></div>
<div data-hide-key="urgent" data-hide-op="=" data-hide-value="false"><input id="reason" name="reason"></div>
<input type="radio" name="channel" value="call" aria-label="Call"><input type="radio" name="channel" value="mail"
aria-label="Mail"><div data-hide-key="channel" data-hide-op="=" data-hide-value=""><input id="detail"></div>
<button>Send</button></form>"""
    ),
    "/theme": page_with(
        """<form data-theme-form method="post" action="/theme"><button name="theme" value="dark">Dark</button>
<button name="theme" value="system">System</button></form>"""
    ),
    "/search": page_with(
        """<input type="search" name="q" aria-label="Search" data-search hx-get="/results" hx-target="#results"
hx-select="#results" hx-swap="outerHTML" hx-trigger="input changed delay:50ms"><div id="results"></div>"""
    ),
    "/results": page_with(
        f"""<div id="results"><time class="relative" datetime="{instant(timedelta(hours=-3, minutes=-5))}">then</time>
</div>"""
    ),
}


def times() -> str:
    return page_with(
        f"""<time id="soon" class="relative" datetime="{instant(timedelta(minutes=30, seconds=30))}">x</time>
<time id="far" class="relative" datetime="2020-05-04T10:00:00+00:00">x</time>
<time id="day" class="relative" datetime="2020-05-04">a day</time>
<time id="odd" class="relative" datetime="no Time">as it was</time>"""
    )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving(PAGES) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB", timezone_id="Asia/Tokyo") as made:
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page; whatever it says on the console, the security policy's complaints included, fails the test."""
    said: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    assert said == []


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent"))


def test_keys_move_open_and_search(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/list")
    page.keyboard.press("j")
    assert focused(page) == "One"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "Two"
    page.keyboard.press("k")
    assert focused(page) == "One"
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    assert page.get_by_label("Search").input_value() == "jk?"
    page.get_by_text("Two").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/task?2")


def test_c_claims_the_row_that_has_the_focus_and_no_other(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/list")
    site.posts.clear()
    page.keyboard.press("c")
    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_response("**/claim/2"):
        page.keyboard.press("c")
    assert site.posts == ["/claim/2"]


def test_beside_an_opened_task_the_keys_go_on_from_it(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/opened")
    site.posts.clear()
    with page.expect_response("**/claim/opened"):
        page.keyboard.press("c")
    page.keyboard.press("j")
    assert focused(page) == "Three"
    page.keyboard.press("c")
    page.keyboard.press("k")
    assert focused(page) == "Two"
    assert site.posts == ["/claim/opened"]


def test_question_mark_shows_the_keys_which_can_be_switched_off(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/list")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    assert focused(page) != "One"
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(dialog).to_be_visible()


def test_fields_hide_with_their_condition_and_do_not_block_the_form(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/form")
    component, reason = page.locator("#component"), page.locator("#reason")
    expect(component).to_be_hidden()
    expect(component).to_be_disabled()
    expect(reason).to_be_hidden()
    page.get_by_label("Class").select_option("technical")
    page.get_by_label("Urgent").check()
    expect(component).to_be_visible()
    expect(component).to_be_enabled()
    expect(reason).to_be_visible()
    page.get_by_label("Class").select_option("business")
    expect(component).to_be_disabled()
    expect(page.locator("#detail")).to_be_hidden()
    page.get_by_label("Mail").check()
    expect(page.locator("#detail")).to_be_visible()


def test_a_second_press_sends_nothing(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/form")
    site.posts.clear()
    send = page.get_by_role("button", name="Send")
    with page.expect_response("**/complete"):
        send.click()
    send.click()
    time.sleep(0.2)
    assert site.posts == ["/complete"]
    assert page.locator("form").get_attribute("aria-busy") == "true"


def test_the_theme_changes_at_once_and_is_kept_in_a_cookie(site: Site, page: Page, context: BrowserContext) -> None:
    page.goto(f"{site.address}/theme")
    site.posts.clear()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    kept = [(cookie.get("name"), cookie.get("value"), cookie.get("sameSite")) for cookie in context.cookies()]
    assert kept == [("theme", "dark", "Lax")]
    assert site.posts == []


def test_times_are_told_in_words_with_the_exact_instant_in_the_readers_zone(site: Site, page: Page) -> None:
    PAGES["/times"] = times()  # made now: "in 30 minutes" must not depend on when the module was read
    page.goto(f"{site.address}/times")
    expect(page.locator("#soon")).to_have_text("in 30 minutes")
    expect(page.locator("#far")).to_have_text("4 May 2020")
    assert "19:00:00 GMT+9" in str(page.locator("#far").get_attribute("title"))
    expect(page.locator("#day")).to_have_text("a day")
    expect(page.locator("#odd")).to_have_text("as it was")


def test_live_search_brings_a_part_of_a_page_that_gets_the_comforts_too(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/search")
    page.get_by_label("Search").press_sequentially("need")
    expect(page.locator("#results time")).to_have_text("3 hours ago")
