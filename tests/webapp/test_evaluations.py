"""The pages of evaluations: opening one, judging it beside its figures, reading it afterwards, files."""

import csv
import io
import json
from datetime import timedelta

import pytest

from engine.types import ENGINE
from tests.webapp import evaluation
from tests.webapp.site import Site, Visitor

LIST = "/performance/handle_wish/evaluations"


def days(site: Site, first: int = 30, last: int = 0) -> dict[str, str]:
    today = site.clock.now.date()
    return {"from": str(today - timedelta(days=first)), "until": str(today - timedelta(days=last))}


def test_an_owner_opens_judges_and_reads_an_evaluation(site: Site, petra: Visitor) -> None:
    evaluation.prepare(site)
    evaluation.answer_wishes(site)
    page = petra.get(LIST)
    assert "Nobody has evaluated this process yet." in page.text
    opened = petra.send(page, LIST, days(site))
    shown = petra.get(opened.response.location)
    assert shown.tree.xpath("count(//h1)") == 1
    assert "Cycle time, median 20 min at most 10 minutes" in shown.text
    assert "✗ Missed" in shown.text
    (task,) = [link for link in shown.links() if link.startswith("/tasks/")]
    work = petra.get(task)
    assert "Cycle time, median 20 min" in work.text, "the figures with targets stand beside the form"
    assert opened.response.location in work.links()
    due = str(site.clock.now.date() + timedelta(days=7))
    values = {
        "findings": "Wishes wait over lunch.",
        "judgements.0.statistic": "cycle_time.median",
        "judgements.0.cause": "The desk is empty.",
        "actions.0.action": "Cover the lunch hour",
        "actions.0.owner": "user:anna",
        "actions.0.due": due,
        "actions.0.measure": "cycle_time.median",
        "framework_change_needed": "no",
    }
    petra.post(task, {**work.form(task), **values})
    read = petra.get(opened.response.location)
    for words in ("Wishes wait over lunch.", "The desk is empty.", "IA-0001 Cover the lunch hour", "Anna Desk", due):
        assert words in read.text
    assert "It stays as it is." in read.text
    assert "Judged" in petra.get(LIST).text
    assert petra.get(next(link for link in read.links() if "/cases?" in link)).text.count("Pen ") == 6
    (act,) = [link for link in read.links() if link.startswith("/tasks/")]
    anna = site.visit_as("anna")
    work = anna.get(act)
    assert "Figures with targets" not in work.text
    anna.post(act, {**work.form(act), "action_result": "done", "result_note": "Sam covers it."})
    assert "Sam covers it." in petra.get(opened.response.location).text


def test_the_next_evaluation_tells_what_became_of_an_action(site: Site) -> None:
    first = evaluation.evaluation(site)
    owner = site.engine.identity.actor("petra")
    task = site.engine.evaluations.evaluation("handle_wish", first.id, owner).task_id
    action = {
        "action": "Cover the lunch hour",
        "owner": "user:anna",
        "due": str(site.clock.now.date()),
        "measure": "cycle_time.median",
    }
    values = {"findings": "Wishes wait.", "judgements": [], "actions": [action], "framework_change_needed": "no"}
    site.engine.tasks.complete(task or "", values, actor=owner)
    site.clock.pass_(days=1)
    later = site.sign_in("petra")
    opened = later.send(later.get(LIST), LIST, days(site, 0))
    text = later.get(opened.response.location).text
    assert "What became of earlier actions" in text
    assert "IA-0001 Cover the lunch hour" in text
    assert "Open" in text


def test_the_trend_of_a_target_is_kept_and_drawn(site: Site) -> None:
    evaluation.prepare(site)
    evaluation.answer_wishes(site)
    site.clock.pass_(days=31)
    evaluation.answer_wishes(site)
    petra = site.sign_in("petra")
    opened = petra.send(petra.get(LIST), LIST, days(site)).response.location
    read = petra.get(opened)
    titles = read.tree.xpath("//figure[@class='drawing']/figcaption/text()")
    assert titles == ["Cycle time, median", "Completed out of ended"]
    cells = ["".join(cell.itertext()) for cell in read.tree.xpath("(//figure)[1]//tbody/tr/td")]
    assert cells == ["20 min", "20 min"]
    first, second = (str(site.clock.now.date() - timedelta(days=ago)) for ago in (61, 30))
    kept = json.loads(petra.get(f"{opened}/evaluation.json").response.text)["trends"]
    assert kept == {
        "cycle_time.median": [[first, 1200.0], [second, 1200.0]],
        "outcomes": [[first, 1.0], [second, 1.0]],
    }
    evaluation.answer_wishes(site)
    assert json.loads(petra.get(f"{opened}/evaluation.json").response.text)["trends"] == kept


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"from": "soon"}, "First day: “soon” is no date: enter it as year-month-day, 2026-01-31 say."),
        ({"until": ""}, "Last day: “” is no date: enter it as year-month-day, 2026-01-31 say."),
        ({"from": "2026-02-02", "until": "2026-02-01"}, "ends (2026-02-01) before it starts (2026-02-02)"),
        ({"until": "2026-03-09"}, "The period ends in the future (2026-03-09)"),
        ({"from": "0001-01-01"}, "First day: The period begins on 0001-01-01: choose a day from 2000-01-01 on."),
    ],
)
def test_a_wrong_period_is_said_and_what_was_typed_stays(
    site: Site, petra: Visitor, sent: dict[str, str], told: str
) -> None:
    evaluation.prepare(site)
    page = petra.send(petra.get(LIST), LIST, {**days(site), **sent}, status=422)
    assert any(told in line for _, line in page.summary()), page.summary()
    for name, text in sent.items():
        assert page.value(name) == text
    assert site.engine.evaluations.evaluations("handle_wish", site.engine.identity.actor("petra")).rows == ()


def test_a_second_one_is_refused_with_a_way_to_the_first(site: Site, petra: Visitor) -> None:
    first = evaluation.evaluation(site)
    body = {**days(site), "csrf_token": petra.token()}
    page = petra.post(LIST, body, 409)
    assert first.number in page.text
    assert f"{LIST}/{first.id}" in page.links()
    assert "Evaluate this period" not in petra.get(LIST).text


def test_a_process_without_a_model_for_it_says_so(site: Site, petra: Visitor) -> None:
    assert "its process.yaml names no model for it" in petra.get(LIST).text
    page = petra.post(LIST, {**days(site), "csrf_token": petra.token()}, 409)
    assert "This process cannot be evaluated" in page.text


def test_admins_read_the_figures_and_no_more(site: Site, petra: Visitor) -> None:
    case = evaluation.evaluation(site)
    adam = site.visit_as("adam")
    page = adam.get(f"{LIST}/{case.id}")
    assert "Cycle time, median 20 min" in page.text
    assert not [
        link for link in page.links() if link.startswith(("/tasks/", "/cases/", "/registers/")) or "cases?" in link
    ]
    assert "Evaluate this period" not in adam.get(LIST).text
    adam.post(LIST, {**days(site), "csrf_token": adam.token()}, 403)
    for stranger in ("oscar", "anna"):
        site.visit_as(stranger).get(f"{LIST}/{case.id}", 404)


def test_files_hold_the_figures_as_they_were(site: Site, petra: Visitor) -> None:
    case = evaluation.evaluation(site)
    evaluation.answer_wishes(site, 1)
    table = list(csv.DictReader(io.StringIO(petra.get(f"{LIST}/{case.id}/figures.csv").response.text)))
    (median,) = [row for row in table if row["key"] == "cycle_time.median"]
    assert (median["value"], median["cases"], median["target"], median["light"]) == (
        "1200.0",
        "6",
        "at most 10 minutes",
        "red",
    )
    document = json.loads(petra.get(f"{LIST}/{case.id}/evaluation.json").response.text)
    assert document["period"]["to"] == str(site.clock.now.date())
    assert document["case"]["number"] == case.number
    assert {figure["key"] for figure in document["figures"]} == {row["key"] for row in table}


def test_evaluations_belong_to_the_part_of_performance(site: Site, petra: Visitor) -> None:
    evaluation.prepare(site)
    (current,) = petra.get(LIST).tree.xpath("//header//a[@aria-current='page']/text()")
    assert current.strip() == "Performance"


def test_the_process_of_evaluations_tells_its_cases_and_who_opens_them(site: Site, petra: Visitor) -> None:
    evaluation.prepare(site)
    evaluation.answer_wishes(site)
    petra.send(petra.get(LIST), LIST, days(site))
    (one,) = site.engine.repository.versions("evaluate_wishes", ENGINE)
    assert (one.startable, one.evaluates, one.active_cases) == (False, ("Wishes",), 1)
    model = site.engine.repository.definition(one.id, ENGINE).model
    site.engine.repository.deploy({model.name: model.content + b"<!-- again -->"}, name="Two", actor=ENGINE)
    (two, _) = site.engine.repository.versions("evaluate_wishes", ENGINE)
    page = petra.get(f"/processes/versions/{two.id}")
    assert "called by others" not in page.text
    assert "Called by other processes" not in page.text
    assert "As an evaluation of Wishes" in page.text
    assert f"/processes/versions/{one.id}/move" in page.links()
    listed = {" ".join(row.text_content().split()) for row in petra.get("/processes").tree.xpath("//tbody/tr")}
    assert not [row for row in listed if "evaluate_wishes" in row and "called by others" in row]
    assert [row for row in listed if "carry_out_action" in row and "called by others" in row]
