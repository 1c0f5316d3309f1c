"""Doing the work in a browser: with scripts and without, by keyboard alone, in the theme and time zone one likes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages.live import Live

pytestmark = pytest.mark.browser


def hand_in(live: Live, title: str, **options: object) -> str:
    """Hand a need in as Ines; return the number of the case."""
    with live.visit("ines", **options) as page:
        page.click("nav >> text=Start")
        page.click("text=Hand in a need")
        page.fill("[name=title]", title)
        page.fill("[name=statement]", f"{title}: it should be possible to do this in one minute.")
        page.check("[name=importance][value=must]")
        page.click("button.primary")
        told, anyway = page.locator("[role=status]"), page.locator("button.primary", has_text="None of these")
        expect(told.or_(anyway)).to_be_visible()
        if anyway.is_visible():  # another test has handed in much the same before
            anyway.click()
        expect(told).to_contain_text("Received: C-")
        expect(page.locator("main")).to_contain_text("waits for Business analysts")
        found = re.search(r"C-\d+", page.inner_text("[role=status]"))
        assert found
        return found[0]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_need_to_the_analysts_answer(live: Live, scripts: bool) -> None:
    title = f"Tickets {'with' if scripts else 'without'} scripts"
    number = hand_in(live, title, java_script_enabled=scripts)
    with live.visit("anna", java_script_enabled=scripts) as page:
        page.goto(f"/tasks?q={number}")
        page.click("[data-open]")
        expect(page.locator("h1")).to_have_text("Restate need as requirement")
        page.click("text=Claim this task")
        page.click("button:has-text('Complete')")
        expect(page.locator(".errors")).to_be_visible()
        link = page.locator(".errors a").first
        target = link.get_attribute("href")
        assert target
        link.click()
        expect(page.locator(f"[id='{target[1:]}']")).to_be_focused() if scripts else None
        fill_in(page, title)
        page.click("button:has-text('Complete')")
        expect(page.locator(".errors")).to_have_count(0)
        expect(page.locator("[role=status]")).to_contain_text("Done: Restate need as requirement")
        page.goto(f"/cases?show=all&q={number}")
        page.click("td.first a")
        expect(page.locator(".timeline")).to_contain_text("Anna Lindqvist completed Restate need as requirement")
        if scripts:
            expect(page.locator(".diagram[data-drawn=yes]").first).to_be_visible()
        else:
            page.locator("details.steps summary").first.click()
            expect(page.locator("li.here").first).to_contain_text("now here")


def fill_in(page: Page, title: str) -> None:
    """Answer every question of the form; without evaluating anything, for pages whose scripts are off."""
    page.fill("[name=requirement_title]", title)
    for field in page.locator("main .form textarea").all():
        if not field.input_value():
            field.fill("It takes one minute at most.")
    for group in page.locator("main .form fieldset.options").all():
        radios = group.locator("input[type=radio]")
        if radios.count() and not group.locator("input[type=radio]:checked").count():
            radios.first.check()
    for select in page.locator("main .form select").all():
        if not select.input_value():
            select.select_option(index=1)


def test_the_keyboard_alone_is_enough(live: Live) -> None:
    hand_in(live, "Keyboard only")
    with live.visit() as page:
        page.goto("/sign-in")
        expect(page.locator("#name")).to_be_focused()
        page.keyboard.type("ben")
        page.keyboard.press("Tab")
        page.keyboard.type("comity-demo")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tasks")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("/")
        expect(page.locator("[data-search]")).to_be_focused()
        page.keyboard.type("keyboard only")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=keyboard*")
        page.keyboard.press("j")
        expect(page.locator("[data-open]").first).to_be_focused()
        page.keyboard.press("c")
        page.wait_for_url("**task=*")
        expect(page.locator("h1")).to_have_text("Restate need as requirement")
        expect(page.locator(".strip")).to_contain_text("Ben Okafor")
        page.keyboard.press("?")
        expect(page.locator("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "Complete":
                break
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Enter")
        expect(page.locator(".errors")).to_be_visible()


def test_the_person_menu_opens_and_signs_out_by_keyboard(live: Live) -> None:
    with live.visit("ines") as page:
        page.locator(".person summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".menu")).to_be_visible()
        page.locator("text=Sign out").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_theme_is_kept(live: Live, scripts: bool) -> None:
    with live.visit("ines", java_script_enabled=scripts, color_scheme="light") as page:
        page.click(".person summary")
        page.click("button[value=dark]")
        page.wait_for_selector("html[data-theme=dark]")
        page.goto("/start")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        ground = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor") if scripts else ""
        assert ground in {"", "rgb(21, 24, 28)"}


def test_times_are_in_the_zone_that_was_chosen(live: Live) -> None:
    with live.visit("ines", java_script_enabled=False) as page:
        page.goto("/cases")
        assert "UTC" in page.locator("time").first.inner_text()
        page.goto("/account")
        page.select_option("#zone", "Asia/Tokyo")
        page.click("text=Keep the time zone")
        page.goto("/cases")
        assert "JST" in page.locator("time").first.inner_text()


def test_a_question_appears_when_it_is_needed(live: Live) -> None:
    with live.visit("ines") as page:
        page.goto("/tasks?q=read+the+interpretation")
        page.click("[data-open]")
        reason = page.locator("[name=response_reason]")
        expect(reason).to_be_hidden()
        page.check("[name=response][value=send_back]")
        expect(reason).to_be_visible()
        page.check("[name=response]:not([value=send_back])")
        expect(reason).to_be_hidden()


def test_where_scripts_cannot_follow_the_server_is_asked(live: Live) -> None:
    with live.visit("anna") as page:
        page.goto("/tasks?q=confirm+qualification")
        page.click("[data-open]")
        page.check("[name=qualification][value=disqualified_business]")
        page.click("text=Update the questions")
        expect(page.locator(".errors")).to_have_count(0)
        expect(page.locator("[name=qualification][value=disqualified_business]")).to_be_checked()
        expect(page.locator("[name=decision_reason]")).to_be_visible()


@pytest.mark.parametrize("address", ["/tasks", "/cases?show=all", "/registers/stakeholder_needs"])
def test_the_list_follows_what_is_typed(live: Live, address: str) -> None:
    with live.visit("anna") as page:
        page.goto(address)
        rows = page.locator("tbody tr")
        whole = rows.count()
        page.locator("[data-search]").press_sequentially("train", delay=20)
        expect(rows).not_to_have_count(whole)
        expect(page.locator("[data-search]")).to_be_focused()
        page.locator("[data-search]").fill("nothing has this")
        expect(page.locator("#results")).to_contain_text("matches.")
