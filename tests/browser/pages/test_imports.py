"""Importing a CSV file in a browser, from the upload to the cases: with scripts, which go on alone, and without."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from engine.types import Actor
from tests.browser.pages.live import Live, keep_screenshot
from tests.browser.pages.test_looks import STANDARDS
from webapp.import_fields import Choice
from webapp.imports import target
from webapp.pages import import_runs

pytestmark = pytest.mark.browser


def sheet(label: str) -> FilePayload:
    rows = "".join(f"Timetable {label} {number};Show platform {number} on the screen.\n" for number in range(5))
    return {
        "name": "needs.csv",
        "mimeType": "text/csv",
        "buffer": f"Title;What is needed?\n{rows};No title and no text;too many\n".encode(),
    }


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_the_upload_to_the_cases(live: Live, scripts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "SECONDS", 0.0)  # each request takes one row in
    label = "with" if scripts else "without"
    with live.visit("sam", java_script_enabled=scripts) as page:
        page.goto("/start")
        page.click("text=Import from a CSV file")
        page.set_input_files("#file", files=[sheet(label)])
        page.select_option("#target", "process:capture_need_on_behalf")
        page.click("button:has-text('Upload')")
        expect(page.locator("main")).to_contain_text("6 rows of 2 columns")
        expect(page.locator("main")).to_contain_text("1 row cannot be used")
        page.click("button:has-text('Go on')")
        fill_in(page)
        page.click("button:has-text('Go on: preview')")
        expect(page.locator("main")).to_contain_text("Would be taken in")
        page.click("button:has-text('Take the rows in')")
        if not scripts:
            for _ in range(6):
                expect(page.locator("progress")).to_be_visible()
                page.click("button:has-text('Go on')")
        expect(page.locator("main")).to_contain_text("All 6 rows done")
        expect(page.locator(".counts dd")).to_have_text(["5", "0", "1"])
        expect(page.locator("main")).to_contain_text("3 cells, the header has 2")
        with page.expect_download() as download:
            page.click("text=Download the refused rows")
        assert "too many" in Path(download.value.path()).read_text(encoding="utf-8")
        page.click("a:has-text('Taken in')")
        page.click(f"text=Timetable {label} 3")
        expect(page.locator("h1")).to_contain_text(f"Timetable {label} 3")


def fill_in(page: Page) -> None:
    page.select_option("#fill-statement", "column:What is needed?")
    page.select_option("#fill-title", "column:Title")
    for field, text in (("channel", "file"), ("organisation", "northwind-rail"), ("originator", "ines")):
        page.select_option(f"#fill-{field}", "text")
        page.fill(f"[name=given-{field}]", text)


def test_a_run_that_goes_by_itself_can_be_stopped_and_goes_on(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "SECONDS", 0.05)
    rows = "".join(f"Long list {number};Show platform {number}.\n" for number in range(300))
    with live.visit("sam") as page:
        page.goto("/imports?target=process:capture_need_on_behalf")
        content = f"Title;What is needed?\n{rows}".encode()
        file: FilePayload = {"name": "long.csv", "mimeType": "text/csv", "buffer": content}
        page.set_input_files("#file", files=[file])
        page.click("button:has-text('Upload')")
        page.click("button:has-text('Go on')")
        fill_in(page)
        page.click("button:has-text('Go on: preview')")
        page.click("button:has-text('Take the rows in')")
        expect(page.locator("#progress")).to_contain_text("of 300 rows done")
        keep_screenshot(page, "import-running")
        page.click("button:has-text('Stop')")
        expect(page.locator("#progress")).to_contain_text("Stopped after")
        keep_screenshot(page, "import-stopped")
        page.goto("/imports")
        page.click("text=Go on: long.csv")
        page.click("button:has-text('Go on')")
        expect(page.locator("#progress")).to_contain_text("All 300 rows done", timeout=60_000)
        expect(page.locator(".counts dd")).to_have_text(["300", "0", "0"])


TO_NEEDS = "process:capture_need_on_behalf"
CHOICE = Choice(
    {
        "statement": ("column:What is needed?", ""),
        "title": ("feel", "substring(What_is_needed_, 1, 60)"),
        "channel": ("text", "file"),
        "organisation": ("text", "northwind-rail"),
        "originator": ("text", "ines"),
    },
    "survey",
)


def steps(live: Live) -> dict[str, str]:
    """Return addresses of imports of Sam's in every state."""
    sam, runs = live.engine.identity.actor("sam"), live.engine.import_runs
    columns = ["Id", "What is needed?", "class"]
    lines = [f"{number};Number {number} has to be said in one minute, at every window;F" for number in range(30)]
    content = "\n".join([";".join(columns), *lines, "a;b", "c;" + "x" * 90, "31;;F"]).encode()

    def run(state: str) -> str:
        found = runs.get(runs.upload(f"{state}.csv", content, TO_NEEDS, actor=sam), sam)
        if state != "uploaded":
            runs.set_mapping(found, CHOICE.mapping(), CHOICE.as_json(columns))
            found = runs.get(found.id, sam)
        if state in ("stopped", "done"):
            runs.begin(found, CHOICE.mapping())
            advanced(live, found.id, sam, 0.0 if state == "stopped" else 60.0)
        if state == "stopped":
            runs.stop(found)
        return f"/imports/{found.id}"

    uploaded, mapped = run("uploaded"), run("mapped")
    return {
        "import-read": uploaded,
        "import-fields-proposed": f"{uploaded}/fields",
        "import-fields": f"{mapped}/fields",
        "import-preview": f"{mapped}/preview",
        "import-stopped": f"{run('stopped')}/run",
        "import-done": f"{run('done')}/run",
        "imports": "/imports",
    }


def advanced(live: Live, run_id: str, actor: Actor, seconds: float) -> None:
    into = target(live.engine, TO_NEEDS, actor)
    live.engine.import_runs.advance(run_id, into, CHOICE.mapping(), actor=actor, seconds=seconds)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_step_has_a_barrier(live: Live, theme: str) -> None:
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found: list[str] = []
    with live.visit("sam", color_scheme=theme, viewport={"width": 1366, "height": 850}) as page:
        for name, address in steps(live).items():
            page.goto(address)
            if name == "import-fields-proposed":
                page.click("button:has-text('Go on: preview')")
                expect(page.locator(".errors, .counts").first).to_be_visible()
            keep_screenshot(page, f"{name}-{theme}")
            report = Axe().run(page, options=options).response
            found += [
                f"{name}: {rule['id']} {node['target']}" for rule in report["violations"] for node in rule["nodes"]
            ]
    assert found == []


def test_every_step_fits_a_narrow_screen(live: Live) -> None:
    wrong: list[str] = []
    small = """() => [...document.querySelectorAll('main button, main select, main .button')]
        .filter((found) => found.checkVisibility() && found.getBoundingClientRect().height < 44)
        .map((found) => found.outerHTML.slice(0, 100))"""
    with live.visit("sam", viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True) as page:
        for name, address in steps(live).items():
            page.goto(address)
            keep_screenshot(page, f"{name}-320")
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong += [f"{name}: {over} px too wide"] if over > 0 else []
            wrong += [f"{name}: {button}" for button in page.evaluate(small)]
    assert wrong == []
