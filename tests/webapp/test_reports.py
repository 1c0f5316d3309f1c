"""Reports to stakeholders on pages: filters, words for what is wrong, CSV, whose it is."""

import pytest

from engine.types import ENGINE
from tests.webapp.site import Site, Visitor
from tests.webapp.test_matrix import REPORT

PAGE = "/reports/handle_wish/wishes"


@pytest.fixture
def report(site: Site) -> str:
    site.engine.repository.deploy({"process.yaml": REPORT}, name="Report", actor=ENGINE)
    site.wish("A red pen", by="ines", details="=1+1")
    site.wish("Blue ink", by="omar")
    return PAGE


def test_staff_see_all_organisations_and_may_choose_one(report: str, anna: Visitor) -> None:
    assert report in anna.get("/reports").links()
    assert "/reports" in anna.get("/registers").links()
    page = anna.get(report)
    for words in ("A red pen", "Blue ink", "North Railways", "South Clinics", "2025-12-03 to 2026-03-02", "Anna Desk"):
        assert words in page.text
    one = anna.get(f"{report}?organisation=south")
    assert "Blue ink" in one.text
    assert "A red pen" not in one.text
    assert "that matches" in anna.get(f"{report}?organisation=nobody").text


def test_originators_see_their_own_organisation(report: str, ines: Visitor) -> None:
    page = ines.get(f"{report}?organisation=south")
    assert "Blue ink" not in page.text
    mine = ines.get(report)
    assert "A red pen" in mine.text
    assert "South Clinics" not in mine.text


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("from=yesterday", "#from"),
        ("to=2026-02-30", "#to"),
        ("from=2026-03-02&to=2026-03-01", "#to"),
        ("from=0001-01-01", "#from"),
        ("to=9999-12-31", "#to"),
    ],
)
def test_a_period_that_is_none_is_told(report: str, anna: Visitor, asked: str, target: str) -> None:
    page = anna.get(f"{report}?{asked}", 422)
    assert [found for found, _ in page.summary()] == [target]
    for pair in asked.split("&"):
        name, _, typed = pair.partition("=")
        assert page.value(name) == typed
    answer = anna.client.get(f"{report}.csv?{asked}")
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")


def test_a_spreadsheet_gets_the_same(report: str, anna: Visitor) -> None:
    answer = anna.client.get(f"{report}.csv?from=2026-03-01&to=2026-03-02")
    assert "handle_wish-wishes-2026-03-01-2026-03-02.csv" in answer.headers["Content-Disposition"]
    header, *rows = answer.text.splitlines()
    assert header.startswith("number,title,organisation,handed_in_by,handed_in_on,status")
    assert rows[0] == "W-0001,A red pen,North Railways,Ines North,2026-03-02,Open,,0,2026-03-02,,,,,"
    assert len(rows) == 2


def test_an_empty_period_says_what_to_do(report: str, anna: Visitor) -> None:
    assert "Choose a longer one" in anna.get(f"{report}?from=2020-01-01&to=2020-01-02").text


def test_an_owner_issues_a_report_and_its_organisation_finds_it(report: str, petra: Visitor, ines: Visitor) -> None:
    page = petra.get(f"{report}?organisation=north&from=2026-03-01&to=2026-03-02")
    petra.send(page, f"{report}/issue")
    kept = ines.get("/registers/reports/records/RP-0001")
    for words in ("Wishes: North Railways, 2026-03-01 to 2026-03-02", "W-0001", "A red pen", "Open: 1", "Issued"):
        assert words in kept.text
    assert "Blue ink" not in kept.text
    assert "Issue this report" not in ines.get(report).text


def test_a_report_that_is_too_long_to_be_kept_is_told(site: Site, report: str, petra: Visitor) -> None:
    for number in range(101):
        site.engine.registers.save("wishes", None, {"title": f"Pen {number}"}, actor=ENGINE)
    refused = petra.send(petra.get(report), f"{report}/issue", status=422)
    assert "choose a shorter period" in refused.text
    assert site.engine.registers.page("reports", ENGINE).rows == ()
