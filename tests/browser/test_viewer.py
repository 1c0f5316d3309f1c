"""The model viewer draws under the strict policy, marks where the case is, and steps aside when it cannot."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import roundtrip
from tests.browser.site import serving

pytestmark = pytest.mark.browser

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="Definitions_1" targetNamespace="urn:test">
  <bpmn:process id="Process_1" isExecutable="true">
    <bpmn:startEvent id="Begin"><bpmn:outgoing>Flow_1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="Begin" targetRef="Restate" />
    <bpmn:userTask id="Restate" name="Restate need">
      <bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Restate" targetRef="Accept" />
    <bpmn:userTask id="Accept" name="Accept requirement"><bpmn:incoming>Flow_2</bpmn:incoming></bpmn:userTask>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1">
    <bpmndi:BPMNPlane id="Plane_1" bpmnElement="Process_1">
      <bpmndi:BPMNShape id="Begin_di" bpmnElement="Begin"><dc:Bounds x="150" y="97" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="Restate_di" bpmnElement="Restate"><dc:Bounds x="240" y="75" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="Accept_di" bpmnElement="Accept"><dc:Bounds x="400" y="75" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Flow_1_di" bpmnElement="Flow_1">
        <di:waypoint x="186" y="115" /><di:waypoint x="240" y="115" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="Flow_2_di" bpmnElement="Flow_2">
        <di:waypoint x="340" y="115" /><di:waypoint x="400" y="115" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def page_with(diagram: str) -> str:
    return f"""<!doctype html><html lang="en"><head><title>Case</title><link rel="icon" href="/icon">
<link rel="stylesheet" href="/dist/viewer.css"><script src="/dist/viewer.js" defer></script></head>
<body><main><h1>Case</h1>{diagram}<ol id="steps"><li>Restate need: done</li></ol></main></body></html>"""


PAGES = {
    "/model.bpmn": MODEL,
    "/broken.bpmn": MODEL[:400],
    "/icon": "",
    "/case": page_with(
        '<div class="diagram" data-bpmn-url="/model.bpmn" data-active="Accept, Elsewhere" '
        'data-done="Begin,Restate"></div>'
    ),
    "/heat": page_with(
        '<div class="diagram" data-bpmn-url="/model.bpmn" '
        'data-heat="{&quot;Restate&quot;: [5, &quot;3 d 4 h&quot;], &quot;Accept&quot;: [1, &quot;2 h&quot;], '
        '&quot;Elsewhere&quot;: [3, &quot;1 d&quot;]}"></div>'
    ),
    "/cold": page_with('<div class="diagram" data-bpmn-url="/nothing.bpmn" data-heat="{}"></div>'),
    "/absent": page_with('<div class="diagram" data-bpmn-url="/nothing.bpmn"></div>'),
    "/broken": page_with('<div class="diagram" data-bpmn-url="/broken.bpmn"></div>'),
}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(PAGES) as running:
        yield running.address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1000, "height": 700}) as context:
        yield context.new_page()


def test_draws_without_a_word_from_the_content_security_policy(site: str, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/case")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    assert page.locator(".djs-shape").count() == 3
    assert said == []


def test_marks_what_is_done_and_where_the_case_is(site: str, page: Page) -> None:
    page.goto(f"{site}/case")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    done = page.locator(".djs-element.done").evaluate_all("all => all.map(one => one.dataset.elementId)")
    assert sorted(done) == ["Begin", "Restate"]
    assert page.locator(".djs-element.token").get_attribute("data-element-id") == "Accept"
    shape = page.locator('[data-element-id="Accept"] .djs-visual > rect').first
    assert shape.evaluate("shape => getComputedStyle(shape).strokeWidth") == "4px"
    assert page.locator(".token-dot").inner_text() == "The case is here"
    assert page.locator(".token-dot").bounding_box() is not None


def test_says_in_words_what_the_picture_shows_and_answers_to_keys(site: str, page: Page) -> None:
    page.goto(f"{site}/case")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    region = page.get_by_role("region", name="Diagram of the process")
    expect(region).to_have_accessible_description(
        "The case is at: Accept requirement. Arrow keys move the picture, plus and minus change its size, "
        "0 shows all of it."
    )
    page.keyboard.press("Tab")
    assert region.evaluate("region => region === document.activeElement")
    before = page.locator('[data-element-id="Accept"]').bounding_box()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    after = page.locator('[data-element-id="Accept"]').bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]


def test_has_no_accessibility_violation(site: str, page: Page) -> None:
    page.goto(f"{site}/case")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert result.violations_count == 0, result.generate_report()


def test_keeps_the_watermark_in_sight(site: str, page: Page) -> None:
    page.goto(f"{site}/case")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    mark = page.locator(".bjs-powered-by")
    assert mark.evaluate(
        "mark => { const box = mark.getBoundingClientRect();"
        " return mark.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )


def test_a_heat_map_is_coloured_in_steps_with_the_value_on_each(site: str, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}/heat")
    page.wait_for_selector(".diagram[data-drawn=yes]")
    assert said == []
    steps = {"Restate": "rgb(234, 122, 63)", "Accept": "rgb(255, 244, 220)"}
    for name, colour in steps.items():
        shape = page.locator(f'[data-element-id="{name}"] .djs-visual > rect').first
        assert shape.evaluate("shape => getComputedStyle(shape).fill") == colour
    assert page.locator(".heat-words").all_inner_texts() == ["3 d 4 h", "2 h"]
    assert page.locator(".heat-words").first.bounding_box() is not None
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    expect(page.get_by_role("region", name="Diagram of the process")).to_have_accessible_description(
        "Steps are coloured by the figure that stands on each; the table says the same. "
        "Arrow keys move the picture, plus and minus change its size, 0 shows all of it."
    )
    result = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert result.violations_count == 0, result.generate_report()


def test_a_heat_map_that_cannot_be_drawn_points_to_its_table(site: str, page: Page) -> None:
    page.goto(f"{site}/cold")
    page.wait_for_selector(".diagram[data-drawn=no]")
    assert page.locator(".diagram").inner_text() == "The diagram could not be drawn. The table says the same."


@pytest.mark.parametrize("path", ["/absent", "/broken"])
def test_says_when_it_cannot_draw_and_leaves_the_steps(site: str, page: Page, path: str) -> None:
    page.goto(f"{site}{path}")
    page.wait_for_selector(".diagram[data-drawn=no]")
    assert page.locator(".diagram").inner_text() == "The diagram could not be drawn. The list of steps says the same."
    assert page.locator("#steps li").count() == 1


def test_a_model_comes_to_rest_when_saved_and_a_broken_one_is_refused(modeler: roundtrip.Modeler) -> None:
    rest = modeler.fixpoint(MODEL)
    assert rest != MODEL
    assert modeler.save(rest) == rest
    with pytest.raises(roundtrip.RoundTripError, match="cannot open"):
        modeler.save(MODEL[:400])
