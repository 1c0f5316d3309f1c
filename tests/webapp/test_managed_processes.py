"""Managed processes on the pages: publishing process.yaml, and forms that ask for measures and targets."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from engine import managed
from engine.types import ENGINE
from tests.webapp.site import Page, Site, Visitor

PUBLISH = "/processes/publish"
PROCESS = """\
process:
  key: wishes
  name: Wishes
  owner_group: owners
  cases: [handle_wish]
  measures:
    - {key: asked, name: Wishes asked for, kind: count, of: {element: Task_Answer}}
"""
REGISTERS = b"""\
registers:
  - {key: frame, name: Frameworks, variable: frame, prefix: FW, form: frame, title: title, maintainers: [owners]}
"""
CHOOSE = {"managedProcess": "wishes", "measureOptions": "statistics"}
FORM = {
    "type": "default",
    "id": "frame",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "key": "title", "label": "Title", "validate": {"required": True}},
        {
            "type": "taglist",
            "key": "measures",
            "label": "Measures",
            "properties": {**CHOOSE, "measureOptions": "measures"},
            "values": [],
        },
        {
            "type": "dynamiclist",
            "path": "targets",
            "label": "Targets",
            "components": [
                {"type": "select", "key": "measure", "label": "Measure", "properties": CHOOSE, "values": []},
                {"type": "textfield", "key": "target", "label": "Target", "properties": {"target": "measure"}},
            ],
        },
    ],
}
NEW = "/registers/frame/new"


def publish(visitor: Visitor, content: Mapping[str, bytes], status: int, what: str = "publish") -> Page:
    sent: dict[str, Any] = {
        "csrf_token": visitor.get(PUBLISH).form(PUBLISH)["csrf_token"],
        "what": what,
        "files": [(io.BytesIO(body), name) for name, body in content.items()],
    }
    return visitor.post(PUBLISH, sent, status, content_type="multipart/form-data")


def names(site: Site) -> dict[str, str]:
    with site.engine.database.read() as connection:
        return {key: process.name for key, process in managed.load(connection).items()}


@pytest.fixture
def frame(site: Site) -> None:
    files = {
        "process.yaml": PROCESS.encode(),
        "registers.yaml": REGISTERS,
        "frame.form": json.dumps(FORM).encode(),
    }
    site.engine.repository.deploy(files, name="frame", actor=ENGINE)


def test_a_process_is_published_and_comes_back_byte_for_byte(site: Site, petra: Visitor) -> None:
    page = publish(petra, {"process.yaml": PROCESS.encode()}, 200)
    assert "Published 1 file" in page.text
    assert names(site) == {"wishes": "Wishes"}
    definition = site.engine.repository.versions("handle_wish", ENGINE)[0]
    page = petra.get(f"/processes/versions/{definition.id}")
    (row,) = page.tree.xpath("//tr[td/a[text()='process.yaml']]")
    assert "Managed process" in row.text_content()
    answer = petra.get(row.xpath(".//a/@href")[0]).response
    assert answer.data == PROCESS.encode()
    assert answer.content_type.startswith("application/yaml")
    assert "Nothing was new" in publish(petra, {"process.yaml": PROCESS.encode()}, 200).text


def test_a_mistake_is_told_with_file_and_line(site: Site, petra: Visitor) -> None:
    content = {"process.yaml": PROCESS.replace("Task_Answer", "Task_Anser").encode()}
    for what, status in (("check", 200), ("publish", 422)):
        page = publish(petra, content, status, what)
        (row,) = page.tree.xpath("//table//tbody/tr")
        told = " ".join(row.text_content().split())
        assert "process.yaml" in told
        assert "'Task_Anser'" in told
        assert "process-measure" in told
        assert row.xpath("./*[normalize-space()='7']")
    assert names(site) == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"process: [1", b"process: 3", b'process: {"\\UFFFFFFFF": 1}', b"? [a]\n: b", b"a: &a [*a]"],
)
@pytest.mark.parametrize("what", ["publish", "check"])
def test_a_broken_file_is_refused_and_nothing_is_published(
    site: Site, petra: Visitor, content: bytes, what: str
) -> None:
    page = publish(petra, {"process.yaml": content}, 422 if what == "publish" else 200, what)
    (row,) = page.tree.xpath("//table//tbody/tr")
    assert "process.yaml" in row.text_content()
    assert names(site) == {}


def test_others_may_not_publish_it(site: Site, petra: Visitor) -> None:
    oscar = site.visit_as("oscar")
    publish(oscar, {"process.yaml": PROCESS.replace("owners", "others").encode()}, 403)
    publish(petra, {"process.yaml": PROCESS.encode()}, 200)
    publish(oscar, {"process.yaml": PROCESS.replace("Wishes", "Dreams").encode()}, 403)
    assert names(site) == {"wishes": "Wishes"}


@pytest.mark.usefixtures("frame")
def test_a_form_offers_measures_and_statistics(petra: Visitor) -> None:
    page = petra.get(NEW)
    offered = page.tree.xpath("//select[@name='targets.0.measure']/option/@value")
    assert {"cycle_time.median", "first_time_right", "asked.mean"} <= set(offered)
    boxes = page.tree.xpath("//input[@name='measures']/@value")
    assert {"cycle_time", "asked"} <= set(boxes)
    assert "Wishes asked for" in page.text


@pytest.mark.usefixtures("frame")
def test_a_target_that_does_not_fit_is_told_at_its_row_and_nothing_is_kept(site: Site, petra: Visitor) -> None:
    page = petra.send(petra.get(NEW), NEW, {"_add": "targets"}, status=200)
    sent = {
        "title": "First",
        "targets.0.measure": "cycle_time.median",
        "targets.0.target": "at most 5 days",
        "targets.1.measure": "first_time_right",
        "targets.1.target": "soon",
    }
    page = petra.send(page, NEW, sent, status=422)
    ((target, words),) = page.summary()
    assert target == "#f-targets.1.target"
    assert "First time right" in words
    assert page.value("targets.1.target") == "soon"
    assert page.tree.xpath("//select[@name='targets.1.measure']/option[@selected]/@value") == ["first_time_right"]
    assert site.engine.registers.page("frame", ENGINE).rows == ()
    page = petra.send(page, NEW, {"targets.1.target": "at least 90 %"})
    shown = petra.get(page.response.location)
    assert "Cycle time, median" in shown.text
    assert "at least 90 %" in shown.text


@pytest.mark.usefixtures("frame")
def test_a_statistic_that_is_not_there_is_refused(site: Site, petra: Visitor) -> None:
    sent = {"title": "First", "targets.0.measure": "mood", "targets.0.target": "soon"}
    page = petra.send(petra.get(NEW), NEW, sent, status=422)
    assert [target for target, _ in page.summary()] == ["#f-targets.0.measure"]
    assert site.engine.registers.page("frame", ENGINE).rows == ()


def test_a_changed_measure_is_computed_anew_and_the_page_says_so(site: Site, petra: Visitor) -> None:
    assert "computed anew" not in publish(petra, {"process.yaml": PROCESS.encode()}, 200).text
    site.engine.runtime.cancel(site.wish("A chair").id, "Changed our mind", actor=ENGINE)
    changed = {"process.yaml": PROCESS.replace("Task_Answer}", "Task_Answer, outcome: ask}").encode()}
    assert "The figures of 1 ended case are computed anew; this takes a while." in publish(petra, changed, 200).text
    assert "computed anew" not in publish(petra, changed, 200).text
    for address in ("/performance", "/performance/wishes"):
        assert "Figures of 1 ended case are still being computed" in petra.get(address).text
    site.clock.pass_(seconds=20)
    while site.engine.management.compute_figures():
        pass
    for address in ("/performance", "/performance/wishes"):
        assert "being computed" not in petra.get(address).text
