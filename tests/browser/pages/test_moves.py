"""Moving cases to another version in a browser: plan, preview, one case, all of them, those that stay."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import end, flows, process, start, user_task
from tests.browser.pages.live import Live, keep_screenshot
from tests.browser.pages.test_looks import STANDARDS

pytestmark = pytest.mark.browser

OWNERS = "requirements_process_owners"
NUMBERS = count(1)


@dataclass(frozen=True)
class Lending:
    """Two versions of a process, three cases on the first: two at `ask`, one at `hand`, which the second renames."""

    one: str
    two: str
    cases: list[CaseRef]

    @property
    def move(self) -> str:
        return f"/processes/versions/{self.one}/move"


@contextmanager
def lending(live: Live) -> Iterator[Lending]:
    """Deploy the process under a key of its own; cancel what still runs afterwards: other tests look at the lists."""
    key, engine = f"z_lend_{next(NUMBERS)}", live.engine

    def version(hand: str) -> str:
        steps = (start(), user_task("ask", name="Ask for it"), user_task(hand, name="Hand it out"), end())
        ways = flows("s", "ask", hand, "e")
        content = process(key, *steps, ways, properties={"ownerGroup": OWNERS}, candidateStarterGroups="nobody")
        return engine.repository.deploy({f"{key}.bpmn": content}, name="Lending", actor=ENGINE).deployed[0].id

    one = version("hand")
    cases = [engine.runtime.start(key, {}, actor=ENGINE) for _ in range(3)]
    (asked,) = engine.history.case(cases[0].id, ENGINE).tasks
    engine.tasks.complete(asked.id, {}, actor=ENGINE)
    yield Lending(one, version("hand_over"), cases)
    for case in cases:
        if engine.history.case(case.id, ENGINE).status == "active":
            engine.runtime.cancel(case.id, "Over", actor=ENGINE)


def version_of(live: Live, case: CaseRef) -> int:
    return live.engine.history.case(case.id, ENGINE).models[0].version


def barriers(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{page.url}: {rule['id']} {node['target']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(("theme", "width"), [("light", 1366), ("dark", 1366), ("light", 320), ("dark", 640)])
def test_no_page_of_a_move_has_a_barrier_or_is_too_wide(live: Live, theme: str, width: int) -> None:
    with (
        lending(live) as lent,
        live.visit("petra", color_scheme=theme, viewport={"width": width, "height": 800}) as page,
    ):
        owner = live.engine.identity.actor("petra")
        done = live.engine.case_migrations.start(lent.one, lent.two, "Better words", actor=owner)
        pages = {
            "waiting": f"/processes/moves/{done}",
            "none-chosen": lent.move,
            "plan": f"{lent.move}?to={lent.two}",
            "mapped": f"{lent.move}?to={lent.two}&map:hand=hand_over",
            "preview": f"{lent.move}/preview?to={lent.two}",
            "one": f"{lent.move}/preview?to={lent.two}&case={lent.cases[0].id}",
        }
        found: list[str] = []
        for name, address in [*pages.items(), ("done", pages["waiting"])]:
            if name == "done":
                live.engine.management.run_due()
            page.goto(address)
            keep_screenshot(page, f"move-{name}-{theme}-{width}")
            found += barriers(page)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{name} is too wide")
        assert found == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_all_cases_move_by_keyboard(live: Live, scripts: bool) -> None:
    with lending(live) as lent, live.visit("petra", java_script_enabled=scripts) as page:
        page.goto(f"/processes/versions/{lent.two}")
        page.get_by_role("link", name="Move the running cases of version 1").focus()
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Move running cases to another version")
        page.locator("select[name=to]").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("1 of 2 elements has no place after the move.")
        page.get_by_label("Hand it out").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="Go on: preview").focus()
        page.keyboard.press("Enter")
        expect(page.locator("dl.counts")).to_contain_text("Would move")
        page.get_by_label("Why they move").focus()
        page.keyboard.type("The desk hands over now")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Move from version 1 to version 2")
        live.engine.management.run_due()
        page.reload()
        expect(page.locator("main")).to_contain_text("All 3 cases done")
        assert [version_of(live, case) for case in lent.cases] == [2, 2, 2]


def test_a_move_without_a_reason_is_refused_where_the_reason_stands(live: Live) -> None:
    with lending(live) as lent, live.visit("petra") as page:
        page.goto(f"{lent.move}/preview?to={lent.two}")
        page.fill("#reason", "  ")
        page.get_by_role("button", name="Move 2 cases").click()
        expect(page.locator(".errors")).to_be_focused()
        page.locator(".errors a").click()
        expect(page.locator("#reason")).to_be_focused()
        assert barriers(page) == []


def test_cases_that_cannot_move_stay_and_say_why(live: Live) -> None:
    with lending(live) as lent, live.visit("petra") as page:
        page.goto(f"{lent.move}/preview?to={lent.two}")
        expect(page.locator("main")).to_contain_text("Would stay as they are")
        page.fill("#reason", "Those that fit")
        page.get_by_role("button", name="Move 2 cases to version 2").click()
        live.engine.management.run_due()
        # The page follows by itself.
        expect(page.locator("#progress")).to_contain_text("All 3 cases done")
        row = page.locator("#progress tbody tr")
        expect(row).to_contain_text(lent.cases[0].number)
        expect(row).to_contain_text("the other version has no such element")
        row.get_by_role("link").click()
        expect(page.locator("h2", has_text="Where it stands")).to_be_visible()


def test_one_case_moves_from_its_page(live: Live) -> None:
    with lending(live) as lent, live.visit("petra") as page:
        case = lent.cases[1]
        page.goto(f"/cases/{case.id}")
        page.get_by_role("link", name="Move to another version of the process").click()
        page.select_option("select[name=to]", lent.two)
        page.get_by_role("button", name="Show the plan").click()
        page.get_by_role("button", name="Go on: preview").click()
        page.fill("#reason", "Only this one")
        page.get_by_role("button", name=f"Move {case.number} to version 2").click()
        expect(page.locator("[role=status]")).to_contain_text(f"{case.number} is on version 2 now.")
        assert [version_of(live, each) for each in lent.cases] == [1, 2, 1]
