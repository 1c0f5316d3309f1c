"""Registers: lists, one record with versions, differences and lineage; adding and changing by form."""

import pytest

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor

CHANGE = "/registers/wishes/records/W-0001/change"
RECORD = "/registers/wishes/records/W-0001"


def test_staff_see_every_record_and_originators_their_organisations(site: Site, anna: Visitor) -> None:
    site.wish("A red pen", by="ines")
    site.wish("A blue pen", by="omar")
    assert "A blue pen" in anna.get("/registers/wishes").text
    ines = site.visit_as("ines")
    seen = ines.get("/registers/wishes").text
    assert "A red pen" in seen
    assert "A blue pen" not in seen
    ines.get("/registers/wishes/records/W-0002", 404)
    ines.get("/registers/customers", 404)


def test_records_are_found_by_text_and_status(site: Site, anna: Visitor) -> None:
    site.wish("A red pen")
    assert "A red pen" in anna.get("/registers/wishes?q=red&status=open").text
    assert "A red pen" in anna.get("/registers/wishes?q=w-0001").text
    assert "No record matches" in anna.get("/registers/wishes?q=%25").text
    assert "No record matches" in anna.get("/registers/wishes?status=answered").text
    assert "will appear here" not in anna.get("/registers/wishes").text


def test_a_record_shows_versions_differences_and_both_ends_of_its_story(site: Site, anna: Visitor) -> None:
    case = site.wish("A red pen", details="Thin")
    task = site.task_of(case)
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes"})
    page = anna.get(RECORD)
    for words in (
        "Wish W-0001, version 2 · Answered",
        "What version 2 changed",
        "Version 2 Answered, Anna Desk",
        f"Answer the wish, case {case.number}",
        "Version 1",
        "Read by",
    ):
        assert words in page.text
    (row,) = page.tree.xpath("//table//tbody/tr")
    assert [cell.text_content().strip() for cell in row] == ["Decision", "Not given", "yes"]
    old = anna.get(f"{RECORD}?version=1")
    assert "version 1 of 2" in old.text
    assert "What version" not in old.text
    anna.get(f"{RECORD}?version=9", 404)
    anna.get(f"{RECORD}?version=x")


def test_two_versions_stand_side_by_side(site: Site, anna: Visitor, petra: Visitor) -> None:
    site.wish("A red pen", details="Thin")
    petra.send(petra.get(CHANGE), CHANGE, {"details": "Thick", "_status": "answered"})
    petra.send(petra.get(CHANGE), CHANGE, {"pieces": "3"})
    page = anna.get(f"{RECORD}/compare?from=1&to=3")
    rows = [[cell.text_content().strip() for cell in row] for row in page.tree.xpath("//table//tbody/tr")]
    assert rows == [["Status", "Open", "Answered"], ["Details", "Thin", "Thick"], ["Pieces", "Not given", "3"]]
    assert "Version 1: Open, Ines North" in page.text
    newest = anna.get(f"{RECORD}/compare")
    assert "version 2 beside version 3" in newest.text
    assert f"{RECORD}/compare?from=2&to=3" in anna.get(RECORD).links()
    assert "one version only" in anna.get(f"{RECORD}/compare?from=2&to=2").text
    assert "Thick" in anna.get(f"{RECORD}/compare?from=3&to=1").text


@pytest.mark.parametrize(("asked", "status"), [("from=9", 404), ("to=9", 404), ("from=x", 422), ("to=-1", 422)])
def test_a_version_that_is_not_there_is_told(site: Site, anna: Visitor, asked: str, status: int) -> None:
    site.wish("A red pen")
    page = anna.get(f"{RECORD}/compare?{asked}", status)
    assert "Traceback" not in page.text


def test_who_may_not_see_the_readers_does_not(site: Site, ines: Visitor, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    anna.send(anna.get(f"/tasks/{task}"), f"/tasks/{task}", {"decision": "yes"})
    assert "Read by" not in ines.get(RECORD).text


def test_a_maintainer_adds_and_changes(site: Site, petra: Visitor) -> None:
    form = petra.get("/registers/customers/new")
    page = petra.send(form, "/registers/customers/new", {"code": "east", "name": "East Ferries"})
    assert page.response.location == "/registers/customers/records/east"
    change = "/registers/customers/records/east/change"
    petra.send(petra.get(change), change, {"code": "east", "name": "East Ferries Ltd"})
    shown = petra.get("/registers/customers/records/east")
    assert "East Ferries Ltd" in shown.text
    assert "version 2" in shown.text
    assert "by form or import" in shown.text


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({"code": "east"}, "#f-name"),
        ({"name": "x", "code": "north"}, "#f-code"),
        ({"code": "x", "name": "y" * 999}, "#f-name"),
    ],
)
def test_a_bad_record_says_where_and_changes_nothing(
    site: Site, petra: Visitor, sent: dict[str, str], target: str
) -> None:
    page = petra.send(petra.get("/registers/customers/new"), "/registers/customers/new", sent, status=422)
    assert [found for found, _ in page.summary()] == [target]
    for name, value in sent.items():
        assert page.value(name) == value
    assert len(site.engine.registers.page("customers", ENGINE).rows) == 2


def test_a_stale_change_is_a_conflict_that_keeps_the_input(site: Site, petra: Visitor) -> None:
    site.wish("A red pen")
    stale = petra.get(CHANGE)
    petra.send(petra.get(CHANGE), CHANGE, {"details": "First"})
    page = petra.send(stale, CHANGE, {"details": "Second"}, status=409)
    assert "Petra Owner" in page.text
    assert page.value("details") == "Second"
    assert page.value("_base") == "2"
    assert "First" in petra.get(RECORD).text
    petra.send(page, CHANGE)
    assert "Second" in petra.get(RECORD).text


@pytest.mark.parametrize("base", ["", "x", "-1", "99", "9999999999"])
def test_a_damaged_version_changes_nothing(site: Site, petra: Visitor, base: str) -> None:
    site.wish("A red pen")
    form = petra.get(CHANGE).form(CHANGE)
    answer = petra.client.post(CHANGE, data={**form, "_base": base, "details": "New"})
    assert answer.status_code in {409, 422}
    assert "New" not in petra.get(RECORD).text


def test_an_unknown_status_is_refused(site: Site, petra: Visitor) -> None:
    site.wish("A red pen")
    petra.send(petra.get(CHANGE), CHANGE, {"_status": "lost"}, status=422)


def test_pages_of_records_go_forth(site: Site, anna: Visitor) -> None:
    for number in range(55):
        site.wish(f"Wish {number:02}")
    page = anna.get("/registers/wishes")
    assert len(page.tree.xpath("//tbody/tr")) == 50
    assert len(anna.get(page.tree.xpath("//a[@rel='next']/@href")[0]).tree.xpath("//tbody/tr")) == 5


def test_a_record_names_its_cases_to_those_who_may_see_them(site: Site, anna: Visitor) -> None:
    case = site.wish("A red pen")
    record = "/registers/wishes/records/W-0001"
    assert f"/cases/{case.id}" in anna.get(record).links()
    elsewhere = site.visit_as("sam")
    elsewhere.get(f"/cases/{case.id}", 404)
    assert not [link for link in elsewhere.get(record).links() if link.startswith("/cases/")]


def test_a_record_names_its_originator(site: Site, ines: Visitor, anna: Visitor) -> None:
    case = site.wish("A red pen")
    for page in (ines.get(RECORD), anna.get(f"/tasks/{site.task_of(case)}")):
        told = [" ".join(value.text_content().split()) for value in page.tree.xpath("//*[@id='main']//dd")]
        assert "Ines North" in told
        assert "ines" not in told
