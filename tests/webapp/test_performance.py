"""Figures for owners and admins: the worst first, every number with its cases, wrong filters in words, files."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.types import ENGINE
from engine.views import CaseFilter
from tests.webapp.figured import figured
from tests.webapp.site import Page, Site, Visitor, open_site
from tests.webapp.test_statements import cost
from webapp.performance.asked import NAMES

PROCESS = "/performance/wishes_process"


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    found = figured(template, tmp_path)
    yield found
    found.engine.close()


@pytest.fixture
def adam(site: Site) -> Visitor:
    return site.visit_as("adam")


def table(page: Page, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table under a heading, by what heads the row."""
    (found,) = page.tree.xpath(f"//section[*[self::h2][normalize-space()={heading!r}]]")
    rows = found.xpath(".//table")[0].xpath(".//tbody/tr")
    return {
        " ".join(row.xpath("th")[0].text_content().split()): [
            " ".join(cell.text_content().split()) for cell in row.xpath("td")
        ]
        for row in rows
    }


def test_the_overview_says_what_is_missed_and_why(site: Site, petra: Visitor) -> None:
    page = petra.get("/performance")
    (row,) = page.tree.xpath("//tbody/tr")
    told = " ".join(row.text_content().split())
    assert "✗ Missed" in told
    assert "A99 Wishes" in told
    assert "Cycle time, median" in told
    assert [cell.text_content() for cell in row.xpath("td[@class='number']")] == ["2", "8", "8"]
    assert "WR-0001 version 1" in told
    assert "2026-01-31 to 2026-03-01" in told
    (link,) = row.xpath("th/a/@href")
    assert table(petra.get(link), "Volumes")["Started"][0] == "8 cases", "the page shows the same period"


def test_the_page_begins_with_the_target_that_is_missed(petra: Visitor) -> None:
    page = petra.get(PROCESS)
    (verdict,) = page.tree.xpath("//div[contains(@class, 'verdict')]")
    assert "1 of 2 targets missed." in verdict.text_content()
    assert "Cycle time, median" in verdict.text_content()
    assert [rows[0] for rows in table(page, "Targets").values()] == ["✗ Missed", "✓ Met"]
    assert list(table(page, "Targets")) == ["Cycle time, median", "First time right"]
    assert "at most 1 day" in page.text


def test_every_kind_of_measure_has_its_section(petra: Visitor) -> None:
    page = petra.get(PROCESS)
    headings = [heading.text for heading in page.tree.xpath("//h2")]
    kinds = ["Volumes", "Timings", "Resources", "Success and errors", "Interfaces", "Rework", "Customer feedback"]
    assert headings[2:] == [*kinds, "Priorities", "Measures of this process", "Heat map", "About these figures"]
    assert table(page, "Volumes")["Started"][0] == "10 cases"
    assert table(page, "Customer feedback")["Satisfaction, mean"][0] == "not recorded"
    assert "Wish granted" in page.text
    assert "Anna Desk" in page.text
    assert "Asked back" in page.text
    assert "Open cases by age" in page.text


def test_where_to_look_names_the_step_that_waits(petra: Visitor) -> None:
    look = table(petra.get(PROCESS), "Where to look first")
    assert look["Answer the wish"][0] == "Takes most work"
    assert "Waiting time" in petra.get(PROCESS).text


def test_charts_have_titles_words_and_no_style(petra: Visitor) -> None:
    page = petra.get(f"{PROCESS}?from=2026-02-25&to=2026-03-03")
    charts = page.tree.xpath("//svg")
    assert charts
    assert all(chart.xpath("title/text()") and chart.xpath("desc/text()") for chart in charts)
    assert not page.tree.xpath("//*[@style]")
    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_every_number_leads_to_its_cases(site: Site, petra: Visitor) -> None:
    page = petra.get(PROCESS)
    links = sorted({link for link in page.links() if "/cases?" in link})
    assert len(links) > 20
    for link in links:
        found = petra.get(link)
        assert found.tree.xpath("//table//tbody/tr") or "No case" in found.text, link
    (started,) = [link for link in links if "measure=started&" in f"{link}&"]
    shown = petra.get(started)
    assert len(shown.tree.xpath("//tbody/tr")) == 10
    assert f"{PROCESS}?" in shown.links()[[*shown.links()].index("#main") + 8 :][0] or any(
        link.startswith(f"{PROCESS}?") for link in shown.links()
    )


def test_the_cases_behind_a_part_are_those_of_the_part(petra: Visitor) -> None:
    page = petra.get(PROCESS)
    (link,) = [link for link in page.links() if "measure=outcomes" in link and "refused" in link]
    shown = petra.get(link)
    assert "Outcomes: Wish refused" in shown.text
    assert len(shown.tree.xpath("//tbody/tr")) == 3
    assert all("Wish refused" in row.text_content() for row in shown.tree.xpath("//tbody/tr"))


def test_long_lists_of_cases_have_pages(site: Site, petra: Visitor) -> None:
    for number in range(60):
        site.wish(f"More {number}", by="omar" if number % 2 else "ines")
    first = petra.get(f"{PROCESS}/cases?measure=started")
    (forward,) = first.tree.xpath("//a[@rel='next']/@href")
    second = petra.get(forward)
    shown = [link for page in (first, second) for link in page.tree.xpath("//tbody//a/@href")]
    assert len(shown) == len(set(shown)) == 50
    (back,) = second.tree.xpath("//a[@rel='prev']/@href")
    assert petra.get(back).tree.xpath("//tbody//a/@href") == first.tree.xpath("//tbody//a/@href")


def test_admins_see_figures_and_no_cases(site: Site, adam: Visitor) -> None:
    page = adam.get(PROCESS)
    assert "1 of 2 targets missed." in page.text
    assert not [link for link in page.links() if "/cases" in link or "/registers" in link or "/comments" in link]
    adam.get(f"{PROCESS}/cases?measure=started", 404)
    adam.get(f"{PROCESS}/comments", 404)
    assert adam.get(f"{PROCESS}/figures.csv").response.text.startswith("row,kind,measure")
    (drawn,) = page.tree.xpath("//@data-bpmn-url") or ["none"]
    if drawn != "none":
        adam.get(drawn)


def test_an_admin_who_owns_another_process_sees_no_links_either(site: Site) -> None:
    roles = ["process_owner", "admin"]
    site.engine.identity.set_belonging("oscar", roles=roles, groups=["others"], actor=ENGINE)
    oscar = site.visit_as("oscar")
    assert not [link for link in oscar.get(PROCESS).links() if link.startswith(f"{PROCESS}/cases")]
    oscar.get(f"{PROCESS}/cases?measure=started", 404)


def test_other_owners_see_nothing(site: Site) -> None:
    oscar = site.visit_as("oscar")
    assert "Processes will appear here" in oscar.get("/performance").text
    for path in ("", "/cases?measure=started", "/comments", "/figures.csv", "/figures.json", "?from=nonsense"):
        oscar.get(f"{PROCESS}{path}", 404)


@pytest.mark.parametrize(
    ("query", "words", "field"),
    [
        ("from=2026-03-20&to=2026-03-10", "ends (2026-03-10) before it starts (2026-03-20)", "to"),
        ("from=yesterday", "“yesterday” is no date", "from"),
        ("to=2026-02-30", "“2026-02-30” is no date", "to"),
        ("from=0001-01-01", "choose a day between 2000-01-01 and 2100-12-31", "from"),
        ("from=2000-01-01&to=2099-01-01", "longer than ten years", "from"),
        ("version=two", "“two” is no version", "version"),
        ("version=" + "9" * 5000, "is no version", "version"),
        ("priority=urgent", "choose high, normal or low", "priority"),
        ("group=" + "x" * 300, "this is no id", "group"),
    ],
)
@pytest.mark.parametrize("page", ["", "/cases?measure=started", "/comments"])
def test_a_filter_that_cannot_be_is_refused_with_the_input_kept(
    petra: Visitor, query: str, words: str, field: str, page: str
) -> None:
    shown = petra.get(f"{PROCESS}{page}{'&' if '?' in page else '?'}{query}", 422)
    (target,) = [link for link, told in shown.summary() if words in told]
    assert target == f"#filter-{field}"
    (kept,) = shown.tree.xpath(f"//*[@id='filter-{field}']")
    assert kept.get("aria-invalid") == "true"
    typed = dict(part.partition("=")[::2] for part in query.split("&"))[field]
    values = [kept.get("value")] if kept.tag == "input" else kept.xpath("option[@selected]/@value")
    assert values == [typed]
    assert shown.tree.xpath("//h1")


@pytest.mark.parametrize("query", ["from=nonsense", "version=x"])
@pytest.mark.parametrize("file", ["figures.csv", "figures.json"])
def test_files_refuse_wrong_filters(petra: Visitor, file: str, query: str) -> None:
    petra.get(f"{PROCESS}/{file}?{query}", 422)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([*NAMES, "heat", "model", "measure", "label", "after", "trail"]),
        st.text(max_size=20) | st.sampled_from(["2026-03-01", "9999-12-31", "started", "element", "1", "high", "\0"]),
    ),
    st.sampled_from(["", "/cases", "/comments", "/figures.csv", "/figures.json"]),
)
def test_no_address_ends_in_a_trace(petra: Visitor, query: dict[str, str], page: str) -> None:
    status = petra.client.get(f"{PROCESS}{page}", query_string=query, buffered=True).status_code
    assert status in {200, 404, 422}


@pytest.mark.parametrize("process", ["nothing", "%00", "a" * 3_000, "measures/x"])
@pytest.mark.parametrize("page", ["", "/cases", "/comments", "/figures.csv"])
def test_an_unknown_process_is_not_found(petra: Visitor, process: str, page: str) -> None:
    petra.get(f"/performance/{process}{page}", 404)


@pytest.mark.parametrize("query", ["service=SV-99", "organisation=nowhere", "version=77", "group=stores"])
def test_what_matches_no_case_says_so_and_offers_to_take_the_filter_away(petra: Visitor, query: str) -> None:
    page = petra.get(f"{PROCESS}?{query}")
    assert "No case matches these filters" in page.text
    name, _, value = query.partition("=")
    assert page.tree.xpath(f"//select[@name='{name}']/option[@selected]/@value") == [value]
    (away,) = set(page.tree.xpath("//p[@class='empty']//a/@href"))
    assert "Volumes" in petra.get(away).text


def test_a_period_without_cases_says_so(petra: Visitor) -> None:
    assert "No case started or ended in this period" in petra.get(f"{PROCESS}?from=2020-01-01&to=2020-02-01").text


def test_filters_narrow_the_figures(petra: Visitor) -> None:
    page = petra.get(f"{PROCESS}?organisation=south")
    assert table(page, "Volumes")["Completed"][0] == "2 cases"
    assert "organisation South Clinics" in page.text
    assert page.tree.xpath("//select[@name='organisation']/option[@selected]/text()") == ["South Clinics"]


def test_the_quick_periods_keep_the_other_filters(petra: Visitor) -> None:
    page = petra.get(f"{PROCESS}?organisation=south&heat=frequency")
    (link,) = page.tree.xpath("//p[contains(@class, 'quick')]/a[normalize-space()='Last 30 days']/@href")
    assert "organisation=south" in link
    assert "heat=frequency" in link
    assert petra.get(link).tree.xpath("//a[@aria-current][normalize-space()='Last 30 days']")


def test_the_heat_map_is_a_table_too(petra: Visitor) -> None:
    page = petra.get(f"{PROCESS}?heat=frequency")
    rows = table(page, "Heat map")
    assert rows["Answer the wish Task"][0] == "8"
    assert page.tree.xpath("//ul[@class='legend']/li")
    assert "No case reached: " in page.text
    assert "Read the answer" in page.text.partition("No case reached: ")[2]
    waiting = table(petra.get(f"{PROCESS}?heat=waiting"), "Heat map")
    assert waiting["Answer the wish Task"][0] == "1 d 10 h"
    assert petra.get(f"{PROCESS}?heat=nothing&model=nothing").tree.xpath("//h2[@id='heat-heading']")


def test_the_definitions_have_every_measure_that_the_page_links_to(petra: Visitor) -> None:
    wanted = {link.partition("#")[2] for link in petra.get(PROCESS).links() if link.startswith("/measures#")}
    page = petra.get("/measures")
    assert wanted
    assert wanted <= set(page.tree.xpath("//@id"))
    assert "own-wishes_process-asked_back" in wanted
    assert "How often the desk asked back." in page.text


def test_the_files_say_the_same_as_the_page(petra: Visitor) -> None:
    answer = petra.get(f"{PROCESS}/figures.csv?organisation=south").response
    assert "wishes_process-figures.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    values = {row["key"]: row for row in rows if row["row"] == "statistic"}
    assert float(values["completed"]["value"]) == 2
    assert values["feedback"]["value"] == ""
    document = json.loads(petra.get(f"{PROCESS}/figures.json?organisation=south").response.text)
    found = {each["key"]: each for measure in document["measures"] for each in measure["statistics"]}
    assert found["completed"]["value"] == 2
    assert found["feedback"]["value"] is None
    assert document["filter"]["organisation"] == "south"


def test_owners_read_what_people_wrote(site: Site, petra: Visitor) -> None:
    assert "Nobody wrote anything in this period" in petra.get(f"{PROCESS}/comments").text
    case = site.engine.history.cases(ENGINE, filter=CaseFilter(status="completed", text="Wish 0")).rows[0].id
    ines = site.engine.identity.actor("ines")
    site.engine.feedback.give(case, 4, "Quick & <b>kind</b>", actor=ines)
    page = petra.get(PROCESS)
    assert table(page, "Customer feedback")["Satisfaction, mean"][0] == "4 of 5"
    (link,) = [link for link in page.links() if "/comments" in link]
    (row,) = petra.get(link).tree.xpath("//tbody/tr")
    assert " ".join(row.text_content().split()[3:]).startswith("4 of 5 Quick & <b>kind</b>")


def test_an_unmanaged_process_is_shown_with_the_usual_measures(template: Path, tmp_path: Path) -> None:
    site = open_site(template, tmp_path)
    site.wish()
    page = site.visit_as("petra").get("/performance/handle_wish")
    assert "No target is set." in page.text
    assert "Started" in page.text
    site.engine.close()


def test_a_process_that_never_ran_has_an_empty_page(template: Path, tmp_path: Path) -> None:
    site = open_site(template, tmp_path)
    assert "Choose a longer one" in site.visit_as("petra").get("/performance/handle_wish").text
    site.engine.close()


def test_the_page_costs_the_same_however_many_cases(site: Site, petra: Visitor) -> None:
    for path in ("", "/cases?measure=cycle_time.median", "/figures.csv"):
        few = cost(site, petra, f"{PROCESS}{path}")
        for number in range(6):
            site.wish(f"Again {path} {number}")
        assert cost(site, petra, f"{PROCESS}{path}") == few
        assert few <= 40, path
