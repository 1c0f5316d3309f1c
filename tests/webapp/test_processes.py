"""Processes for their owners: publishing, findings, versions, cases, files; broken files deploy nothing."""

import io
from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn.lint import RULES
from engine.types import ENGINE
from tests.bpmn_models import end, flows, message_event, process, script, signal_event, start, timer
from tests.webapp.site import PASSWORD, Page, Site, Visitor, files
from webapp import lint_rules

PUBLISH = "/processes/publish"


def publish(visitor: Visitor, content: Mapping[str, bytes], status: int, what: str = "publish") -> Page:
    sent: dict[str, Any] = {
        "csrf_token": visitor.get(PUBLISH).form(PUBLISH)["csrf_token"],
        "what": what,
        "name": "A try",
        "files": [(io.BytesIO(body), name) for name, body in content.items()],
    }
    return visitor.post(PUBLISH, sent, status, content_type="multipart/form-data")


def changed() -> dict[str, bytes]:
    return {
        **files(),
        "handle_wish.bpmn": files()["handle_wish.bpmn"].replace(b"the desk answers", b"the desk replies"),
    }


def versions(site: Site) -> int:
    return len(site.engine.repository.versions("handle_wish", ENGINE))


def test_the_list_shows_versions_and_their_cases(site: Site, petra: Visitor) -> None:
    site.wish()
    (row,) = petra.get("/processes").tree.xpath("//tbody/tr")
    cells = [" ".join(cell.text_content().split()) for cell in row]
    assert cells[0].startswith("Handle a wish")
    assert cells[1:4] == ["1", "1", "0"]
    assert cells[4] == "Owners"


def test_owners_are_told_where_a_modeler_deploys_to(site: Site, petra: Visitor) -> None:
    shown = petra.get("/processes").text
    address = shown.partition("Deploy from Camunda Modeler: ")[2].partition(",")[0]
    assert address == "http://localhost/engine-rest"
    answer = site.app.test_client().get(f"{address.removeprefix('http://localhost')}/version", auth=("petra", PASSWORD))
    assert answer.status_code == 200
    behind_a_proxy = petra.get("/processes", environ_overrides={"SCRIPT_NAME": "/comity"}).text
    assert "http://localhost/comity/engine-rest" in behind_a_proxy
    assert "Deploy from" not in site.visit_as("adam").get("/processes").text


def test_element_templates_are_there_to_take_away(site: Site) -> None:
    adam = site.visit_as("adam")
    (address,) = [link for link in adam.get("/processes").links() if "templates" in link]
    answer = adam.get(address).response
    assert answer.content_type == "application/json"
    assert "comity.json" in answer.headers["Content-Disposition"]
    assert answer.json == site.engine.repository.element_templates(ENGINE)


def test_what_is_only_called_by_others_shows_no_count_of_cases(site: Site, petra: Visitor) -> None:
    starters = b' camunda:candidateStarterGroups="originator,staff"'
    content = {**files(), "handle_wish.bpmn": files()["handle_wish.bpmn"].replace(starters, b"")}
    site.wish()
    publish(petra, content, 200)
    listed = petra.get("/processes")
    (row,) = listed.tree.xpath("//tbody/tr")
    assert [" ".join(cell.text_content().split()) for cell in row][1:4] == ["2", "called by others", "Owners"]
    (address,) = {link for link in listed.links() if "/versions/" in link}
    rows = petra.get(address).tree.xpath("//table")[0].xpath(".//tbody/tr")
    told = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    assert [each[:2] for each in told] == [
        ["Version 2", "called by others"],
        ["Version 1", "1 Move the running cases of version 1"],
    ]


def test_publishing_makes_a_version_and_running_cases_stay(site: Site, petra: Visitor) -> None:
    case = site.wish()
    page = publish(petra, changed(), 200)
    shown = petra.get(page.tree.xpath("//div[@role='status']//a/@href")[0])
    assert "the desk replies" in shown.text
    rows = [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in shown.tree.xpath("//table")[0].xpath(".//tbody/tr")
    ]
    assert [row[:2] for row in rows] == [["Version 2", "0"], ["Version 1", "1 Move the running cases of version 1"]]
    assert site.engine.history.case(case.id, ENGINE).models[0].version == 1


def test_the_same_content_makes_no_version(site: Site, petra: Visitor) -> None:
    page = publish(petra, files(), 200)
    assert "Nothing was new" in page.text
    assert versions(site) == 1


def test_check_only_deploys_nothing(site: Site, petra: Visitor) -> None:
    page = publish(petra, changed(), 200, what="check")
    assert "can be published" in page.text
    assert "Nothing was published" in page.text
    assert versions(site) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("handle_wish.bpmn", b"<not xml"),
        ("handle_wish.bpmn", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
        ("handle_wish.bpmn", files()["handle_wish.bpmn"].replace(b"userTask", b"adHocSubProcess")),
        ("handle_wish.bpmn", files()["handle_wish.bpmn"].replace(b"=decision = ", b"=decision =* ")),
        ("handle_wish.bpmn", files()["handle_wish.bpmn"].replace(b'formRef="answer"', b'formRef="unknown"')),
        ("broken.dmn", b"<definitions"),
        ("answer.form", b"{"),
        ("answer.form", b'{"type": "default", "id": "answer", "components": [{"type": "warp", "key": "x"}]}'),
        ("registers.yaml", b"registers: [1"),
        ("registers.yaml", b"\xff\xfe"),
    ],
)
@pytest.mark.parametrize("what", ["publish", "check"])
def test_a_broken_file_is_refused_with_its_place_and_nothing_is_deployed(
    site: Site, petra: Visitor, name: str, content: bytes, what: str
) -> None:
    page = publish(petra, {**changed(), name: content}, 422 if what == "publish" else 200, what)
    rows = page.tree.xpath("//table//tbody/tr")
    assert rows
    cells = [" ".join(cell.text_content().split()) for cell in rows[0]]
    assert cells[0] == "Error"
    assert cells[1] == name
    assert all(cells[place] for place in (4, 5, 6)), "message, remedy and rule"
    assert "passwd" not in page.text
    assert versions(site) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [({}, "Choose at least one"), ({"virus.exe": b"MZ"}, "leave it out"), ({"../../x.bpmn.sh": b""}, "leave it out")],
)
def test_what_is_no_definition_is_refused(site: Site, petra: Visitor, content: dict[str, bytes], words: str) -> None:
    assert words in publish(petra, content, 422).text


def test_a_file_name_is_never_a_path(site: Site, petra: Visitor) -> None:
    page = publish(petra, {"../../etc/handle_wish.bpmn": changed()["handle_wish.bpmn"]}, 200)
    (name,) = petra.get(page.tree.xpath("//div[@role='status']//a/@href")[0]).tree.xpath(
        "//a[contains(@href, '/files/')][contains(text(), 'bpmn')]/text()"
    )
    assert name == "handle_wish.bpmn"


def test_other_owners_may_not_publish_it(site: Site) -> None:
    publish(site.visit_as("oscar"), changed(), 403)
    assert versions(site) == 1


def test_every_file_comes_back_as_it_was_uploaded(site: Site, petra: Visitor) -> None:
    definition = site.engine.repository.versions("handle_wish", ENGINE)[0]
    page = petra.get(f"/processes/versions/{definition.id}")
    found = {link.text: link.get("href") for link in page.tree.xpath("//a[contains(@href, '/files/')]")}
    assert set(found) == {"handle_wish.bpmn", "wish.form", "answer.form"}
    for name, address in found.items():
        answer = petra.get(address).response
        assert answer.data == files()[name]
        assert name in answer.headers["Content-Disposition"]
    model = petra.get(f"/processes/versions/{definition.id}/model").response
    assert model.data == files()["handle_wish.bpmn"]
    assert model.content_type.startswith("application/xml")


def test_failures_are_listed_with_their_reason(site: Site, petra: Visitor, anna: Visitor) -> None:
    assert "nothing to do" in petra.get("/failures").text
    task = site.task_of(site.wish())
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "lost"}, status=422)
    page = petra.get("/failures")
    assert "Decision?" in page.text
    assert "After a task was completed" in page.text
    assert not site.visit_as("adam").get("/failures").tree.xpath("//form[contains(@action, 'retry')]")
    assert "Decision?" not in site.visit_as("oscar").get("/failures").text


def test_admins_close_and_open_accounts_but_not_their_own(site: Site) -> None:
    adam, anna = site.visit_as("adam"), site.visit_as("anna")
    adam.send(adam.get("/people"), "/people/anna/close")
    anna.get("/tasks", 303)
    adam.send(adam.get("/people"), "/people/anna/open")
    adam.post("/people/adam/close", {"csrf_token": adam.token()}, 422)


def test_a_broken_form_alone_is_told_of_once(petra: Visitor) -> None:
    page = publish(petra, {"wish.form": b'{"type": "default"'}, 422)
    assert "1 error in 1 file." in page.text
    assert "nothing to deploy" not in page.text


def test_who_publishes_is_told_how_large_files_may_be_and_is_led_to_what_was_refused(petra: Visitor) -> None:
    assert "at most 0.954 MiB together" in petra.get(PUBLISH).text
    for content in ({"p.bpmn": b"<html/>"}, {"p.png": b"x"}):
        assert publish(petra, content, 422).tree.xpath("//div[@class='errors'][@autofocus]")


def test_a_finding_leads_to_what_its_rule_means(petra: Visitor) -> None:
    broken = {"p.bpmn": b"<html/>"}
    (link,) = {link for link in publish(petra, broken, 422).links() if link.startswith("/processes/rules#")}
    assert link.endswith("#not-bpmn")
    rules = petra.get(lint_rules.PAGE)
    (section,) = rules.tree.xpath("//section[h3[@id='not-bpmn']]")
    told = [" ".join(part.text_content().split()) for part in section.xpath("p")]
    assert told[0].startswith("Error. The file is XML, but its first element")
    assert told[-1].startswith("Mend: upload the file")


def test_every_rule_stands_on_the_page_of_rules(petra: Visitor) -> None:
    shown = petra.get("/processes/rules").tree.xpath("//h3/@id")
    assert {rule.name for rule in RULES} <= set(shown)
    assert len(shown) == len(set(shown))


def test_a_process_tells_how_its_cases_start(site: Site, petra: Visitor) -> None:
    around = '<bpmn:message id="m1" name="order" /><bpmn:signal id="s1" name="closing" />'
    parts = (
        start("by_message", message_event("m1")),
        start("by_signal", signal_event("s1")),
        start("by_time", timer("Cycle", "0 0 9 * * MON-FRI")),
        end(),
        *(flows(each, "e") for each in ("by_message", "by_signal", "by_time")),
    )
    content = process(
        "ordered", *parts, around=around, properties={"ownerGroup": "owners", "timeZone": "Europe/Vienna"}
    )
    publish(petra, {"ordered.bpmn": content}, 303)
    site.engine.runtime.send_message("order", None, {}, actor=ENGINE)
    (summary,) = [each for each in site.engine.repository.definitions(ENGINE) if each.key == "ordered"]
    shown = petra.get(f"/processes/versions/{summary.id}")
    section = " ".join(shown.tree.xpath("//section[@aria-labelledby='starts-heading']")[0].text_content().split())
    for words in ("message order", "signal closing", "0 0 9 * * MON-FRI, Europe/Vienna, next"):
        assert words in section
    assert "By hand" not in section
    (due,) = shown.tree.xpath("//section[@aria-labelledby='starts-heading']//time/@datetime")
    assert due == "2026-03-03T08:00:00+00:00"
    listed = petra.get("/processes")
    (row,) = [row for row in listed.tree.xpath("//tbody/tr") if "ordered" in row.text_content()]
    assert "called by others" not in row.text_content()


def test_a_start_that_failed_is_tried_again_on_the_page_of_failures(site: Site, petra: Visitor) -> None:
    def ordered(source: str) -> bytes:
        path = (start("s", message_event("m1")), script("w", source), end(), flows("s", "w", "e"))
        around = '<bpmn:message id="m1" name="order" />'
        return process("ordered", *path, around=around, properties={"ownerGroup": "owners"})

    publish(petra, {"ordered.bpmn": ordered("x = 1 / 0")}, 303)
    site.engine.runtime.send_message("order", None, {}, actor=ENGINE)
    page = petra.get("/failures")
    assert "no case could be started" in page.text
    assert "By the message order" in page.text
    (summary,) = [each for each in site.engine.repository.definitions(ENGINE) if each.key == "ordered"]
    assert f"/processes/versions/{summary.id}" in page.links(), "where the cause is to be mended"
    (failed,) = site.engine.management.failed_starts(ENGINE)
    action = f"/failures/starts/{failed.id}/retry"
    assert "division by zero" in petra.send(page, action, status=422).text
    looked_on = site.visit_as("adam").get("/failures").text
    assert "Try again" not in looked_on
    assert "The owners of a process mend what failed" in looked_on
    assert "The owners of a process mend what failed" not in page.text
    publish(petra, {"ordered.bpmn": ordered("x = 1")}, 303)
    answer = petra.send(page, action).response
    assert answer.location.startswith("/cases/")
    assert "no case could be started" not in petra.get("/failures").text
    assert petra.get("/failures?state=resolved").response.status_code == 200
