"""Reports to stakeholders: what was handed in, what became of it, for those who may see it."""

from datetime import date

import pytest

from engine.errors import DefinitionRefused, NotFound
from engine.metrics.periods import Period
from engine.types import ENGINE, Actor
from engine.views.reports import Report, ReportFilter
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.stage import ADA, ANN, CARL, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, form

REGISTERS = b"""
registers:
  - {key: needs, name: Needs, singular: Need, variable: need, prefix: N, form: need, title: title, readers: [staff],
     organisation: organisation, originator: originator, statuses: [new, done], supported: true}
  - {key: plans, name: Plans, variable: plan, prefix: P, form: plan, title: title, readers: [analysts],
     statuses: [made], organisation: organisation}
  - {key: services, name: Services, variable: service, prefix: S, form: plan, title: title,
     readers: [staff, originator], maintainers: [process_owner]}
"""
PROCESS = """
process:
  key: wants
  name: Wants
  owner_group: owners
  cases: [p]
  reports:
    - {key: needs, name: Needs, records: needs, follow: plans, text: words, note: note,
       service: services, services: services}
"""
ALL = ReportFilter(Period(date(2026, 1, 1), date(2026, 12, 31)))


@pytest.fixture
def needs(stage: Stage) -> Stage:
    """Needs of two organisations; analysts make a plan of each that they work on."""
    facts = {**OWNER, "title": "=title", "organisation": "=initiator.organisation", "originator": "=initiator.id"}
    body = {"needs.status": "new", "needs.body": "={organisation: initiator.organisation, originator: initiator.id}"}
    plan = {"plans.status": "made", "plans.body": "={organisation: need.organisation}", "needs.status": "done"}
    tags = {"type": "taglist", "key": "services", "label": "Services", "properties": {"register": "services"}}
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", form="want"),
            user_task("hear", "Hear", writes("heard"), properties=body, candidateGroups="analysts"),
            user_task(
                "make",
                "Make",
                reads("read") + writes("planned") + writes("closed"),
                properties=plan,
                candidateGroups="analysts",
                formRef="plan",
            ),
            end(),
            *(store(each, "needs") for each in ("heard", "read", "closed")),
            store("planned", "plans"),
            flows("s", "hear", "make", "e"),
            properties=facts,
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        process__yaml=PROCESS.encode(),
        want__form=form("want", "title", tags),
        need__form=form("need", "title", "organisation", "originator", tags),
        plan__form=form("plan", "title", "words", "note", "organisation"),
    )
    for title in ("Mail", "Web"):
        stage.engine.registers.save("services", None, {"title": title}, actor=ENGINE)
    return stage


def report(stage: Stage, actor: Actor = ANN, **more: str) -> Report:
    return stage.engine.reports.report("wants", "needs", actor, ReportFilter(ALL.period, **more))


def hand_in(stage: Stage, actor: Actor, title: str, *services: str) -> None:
    stage.start(actor=actor, title=title, services=list(services))
    stage.do("hear")


def test_a_report_tells_what_became_of_each(needs: Stage) -> None:
    hand_in(needs, OLGA, "Pens", "S-0001", "S-0002")
    needs.clock.pass_by(days=1)
    needs.do("make", title="Buy pens", words="Ten red pens", note="Ordered")
    hand_in(needs, OTTO, "Ink")
    needs.engine.support.support("needs", "N-0001", actor=ANN)
    found = report(needs)
    assert [(row.id, row.status, row.organisation_id) for row in found.rows] == [
        ("N-0001", "done", "acme"),
        ("N-0002", "new", "zenith"),
    ]
    first = found.rows[0]
    assert (first.originator.id if first.originator else None, first.supporters, first.services) == (
        "olga",
        1,
        ("S-0001", "S-0002"),
    )
    (made,) = first.outcomes
    assert (made.id, made.title, made.status, made.text, made.note) == (
        "P-0001",
        "Buy pens",
        "made",
        "Ten red pens",
        "Ordered",
    )
    assert found.rows[1].outcomes == ()
    assert found.statuses == [("new", 1), ("done", 1)]
    assert found.per_organisation == {"acme": {"done": 1}, "zenith": {"new": 1}}
    assert found.per_service == {"": {"new": 1}, "S-0001": {"done": 1}, "S-0002": {"done": 1}}
    assert found.service_names == {"S-0001": "Mail", "S-0002": "Web"}
    assert (found.whole, found.cut, found.organisations) == (True, False, ["acme", "zenith"])


def test_it_may_be_of_one_organisation_one_service_one_period(needs: Stage) -> None:
    hand_in(needs, OLGA, "Pens", "S-0001")
    needs.clock.pass_by(days=10)
    hand_in(needs, OTTO, "Ink", "S-0002")
    assert [row.id for row in report(needs, organisation="acme").rows] == ["N-0001"]
    assert [row.id for row in report(needs, service="S-0002").rows] == ["N-0002"]
    assert report(needs, service="nothing", organisation="nobody").rows == []
    for first, last, ids in ((1, 2, ["N-0001"]), (3, 12, ["N-0002"]), (13, 20, [])):
        period = Period(date(2026, 3, first), date(2026, 3, last))
        found = needs.engine.reports.report("wants", "needs", ANN, ReportFilter(period))
        assert [row.id for row in found.rows] == ids


def test_originators_are_told_of_their_organisation_only(needs: Stage) -> None:
    hand_in(needs, OLGA, "Pens")
    hand_in(needs, OTTO, "Ink")
    while needs.tasks():
        needs.complete(needs.tasks()[0].id, title="Buy")
    found = report(needs, OTTO)
    assert [(row.id, len(row.outcomes)) for row in found.rows] == [("N-0002", 1)]
    assert (found.whole, found.organisations) == (False, ["zenith"])
    assert report(needs, OTTO, organisation="acme").rows == []
    assert [row.id for row in report(needs, OLGA).rows] == ["N-0001"]


def test_what_was_made_is_told_to_those_who_may_see_it(needs: Stage) -> None:
    hand_in(needs, OLGA, "Pens")
    needs.do("make", title="Buy pens")
    assert [len(row.outcomes) for row in report(needs, ANN).rows] == [1]
    assert [len(row.outcomes) for row in report(needs, CARL).rows] == [0], "no reader of plans"


def test_who_may_not_look_learns_nothing(needs: Stage) -> None:
    assert [ref.key for ref in needs.engine.reports.reports(OWEN)] == ["needs"]
    assert needs.engine.reports.reports(ADA) == []
    with pytest.raises(NotFound):
        report(needs, ADA)
    for process_key, key in (("wants", "nothing"), ("nothing", "needs"), ("p", "needs"), ("\0", "\0")):
        with pytest.raises(NotFound):
            needs.engine.reports.report(process_key, key, ANN, ALL)


def test_a_long_report_is_cut_and_says_so(needs: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reports.MOST_ROWS", 2)
    for number in range(3):
        needs.clock.pass_by(minutes=1)
        needs.engine.registers.save("needs", None, {"title": f"Pen {number}"}, actor=ENGINE)
    found = report(needs)
    assert ([row.id for row in found.rows], found.cut) == (["N-0003", "N-0002"], True)


@pytest.mark.parametrize(
    "change", [("text: words", "text: gone"), ("note: note", "note: gone"), (" follow: plans,", "")]
)
def test_a_field_that_is_not_there_is_a_finding(needs: Stage, change: tuple[str, str]) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        needs.deploy(process__yaml=PROCESS.replace(*change).encode())
    errors = {finding.rule for finding in refused.value.findings if finding.severity == "error"}
    assert errors == {"process-report"}
