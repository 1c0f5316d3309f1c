"""The viewer of the product draws every example that process owners copy from, whole and without a complaint."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import serving
from tests.browser.test_shipped_models import EXAMPLES

pytestmark = pytest.mark.browser

HEAD = """<link rel="icon" href="/icon"><link rel="stylesheet" href="/dist/viewer.css">
<script src="/dist/viewer.js" defer></script>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    pages = {"/icon": ""}
    for path in EXAMPLES:
        pages[f"/{path.name}"] = path.read_text(encoding="utf-8")
        diagram = f'<div class="diagram" data-bpmn-url="/{path.name}"></div>'
        pages[f"/{path.stem}"] = f'<!doctype html><html lang="en"><head>{HEAD}</head><body>{diagram}</body></html>'
    with serving(pages) as running:
        yield running.address


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_drawn_whole(path: Path, site: str, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}/{path.stem}")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    text = path.read_text(encoding="utf-8")
    for kind, selector in (("Shape", ".djs-shape"), ("Edge", ".djs-connection")):
        drawn = page.locator(selector).evaluate_all("all => all.map(one => one.dataset.elementId)")
        meant = re.findall(rf'<bpmndi:BPMN{kind} [^>]*bpmnElement="([^"]+)"', text)
        assert {name for name in drawn if not name.endswith("_label")} == set(meant)
    assert said == []
