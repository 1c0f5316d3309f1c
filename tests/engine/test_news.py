"""What is new in one's own cases, until one has read it; nothing of what is not theirs to see."""

from functools import partial

import pytest

from engine.errors import NotFound
from engine.types import ENGINE, Actor
from engine.views.news import CaseNews
from tests.bpmn_models import end, flows, process, start, store, user_task, writes
from tests.engine.stage import ADA, ANN, OLGA, OTTO, OWNER, STARTERS, Stage, at_once, form
from tests.engine.test_cost import counted

REGISTERS = b"""
registers:
  - {key: needs, name: Needs, singular: Need, variable: need, prefix: N, form: need, title: title, readers: [staff],
     organisation: organisation, statuses: [new, looked, done], supported: true}
  - {key: notes, name: Notes, variable: note, prefix: T, form: need, title: title, readers: [staff], statuses: [made]}
"""
NORA = Actor("nora", "Nora Neighbour", frozenset({"originator"}), frozenset(), "acme")


@pytest.fixture
def needs(stage: Stage) -> Stage:
    """A process that writes a need, and a note that is for staff only."""
    facts = {**OWNER, "title": "=title", "organisation": '="acme"', "originator": "=initiator.id"}
    body = {"needs.status": "new", "needs.body": '={organisation: "acme"}'}
    look = {"needs.status": "looked", "notes.status": "made"}
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", form="need"),
            user_task("first", "First", writes("one"), properties=body, candidateGroups="analysts"),
            user_task("look", "Look", writes("two") + writes("note"), properties=look, candidateGroups="analysts"),
            user_task("close", "Close", writes("three"), properties={"needs.status": "done"}, assignee="=initiator.id"),
            end(),
            *(store(each, "needs") for each in ("one", "two", "three")),
            store("note", "notes"),
            flows("s", "first", "look", "close", "e"),
            properties=facts,
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        need__form=form("need", "title", "organisation"),
    )
    return stage


def news(stage: Stage, case_id: str, actor: Actor = OLGA) -> CaseNews | None:
    return stage.engine.news.news([case_id], actor).get(case_id)


def test_what_others_did_is_news_until_it_is_read(needs: Stage) -> None:
    case = needs.start(title="Pens")
    assert (news(needs, case.id), needs.engine.news.count(OLGA)) == (None, 0)
    needs.do("first")
    assert news(needs, case.id) == CaseNews(records=(("N-0001", "new"),))
    needs.do("look")
    needs.engine.runtime.comment(case.id, "Nearly there", "everyone", actor=ANN)
    needs.engine.runtime.comment(case.id, "Hard", "staff", actor=ANN)
    assert news(needs, case.id) == CaseNews(records=(("N-0001", "looked"),), comments=1)
    assert needs.engine.news.count(OLGA) == 1
    needs.engine.news.mark_read(OLGA, case.id)
    assert (news(needs, case.id), needs.engine.news.count(OLGA)) == (None, 0)
    needs.engine.runtime.cancel(
        case.id, "a double", actor=Actor("owen", "Owen", frozenset({"process_owner"}), frozenset({"owners"}))
    )
    assert news(needs, case.id) == CaseNews(ended=True)
    needs.engine.news.mark_read(OLGA)
    assert news(needs, case.id) is None


def test_ones_own_doings_are_no_news(needs: Stage) -> None:
    case = needs.start(title="Pens")
    needs.engine.runtime.comment(case.id, "Please hurry", "everyone", actor=OLGA)
    assert news(needs, case.id) is None


def test_followers_and_supporters_are_told_others_are_not(needs: Stage) -> None:
    case = needs.start(title="Pens")
    needs.do("first")
    needs.do("look")
    assert news(needs, case.id, NORA) is None
    assert news(needs, case.id, ANN) is None
    needs.engine.support.support("needs", "N-0001", actor=NORA)
    needs.engine.runtime.follow(case.id, actor=ANN)
    assert news(needs, case.id, NORA) == CaseNews(records=(("N-0001", "looked"),))
    needs.engine.runtime.comment(case.id, "Hm", "staff", actor=ENGINE)
    staff = news(needs, case.id, ANN)
    assert staff is not None
    assert (staff.comments, dict(staff.records)) == (1, {})
    assert [row.id for row in needs.engine.history.cases(NORA).rows] == [case.id]
    for actor in (OTTO, ADA):
        assert news(needs, case.id, actor) is None
        assert needs.engine.news.count(actor) == 0
        with pytest.raises(NotFound):
            needs.engine.news.mark_read(actor, case.id)


def test_reading_in_one_browser_leaves_what_came_later_new(needs: Stage) -> None:
    case = needs.start(title="Pens")
    needs.do("first")
    needs.engine.news.mark_read(OLGA, case.id)
    needs.do("look")
    assert news(needs, case.id) == CaseNews(records=(("N-0001", "looked"),))
    outcomes = at_once(*(partial(each.engine.news.mark_read, OLGA, case.id) for each in (needs, needs.another())))
    assert [each.error for each in outcomes] == [None, None]
    assert needs.count("seen_case") == 1
    assert news(needs, case.id) is None


def test_old_news_is_no_news(needs: Stage) -> None:
    case = needs.start(title="Pens")
    needs.do("first")
    needs.clock.pass_by(days=61)
    assert (news(needs, case.id), needs.engine.news.count(OLGA)) == (None, 0)


def test_news_costs_two_statements_however_much_there_is(needs: Stage) -> None:
    cases = [needs.start(title=f"Pens {number}").id for number in range(6)]
    with counted(needs) as counts:
        needs.engine.news.count(OLGA)
    assert counts == {"statements": 1, "writes": 0}
    for task in needs.tasks():
        needs.complete(task.id)
    with counted(needs) as counts:
        assert len(needs.engine.news.news(cases, OLGA)) == 6
    assert counts == {"statements": 2, "writes": 0}
    with counted(needs) as counts:
        assert needs.engine.news.count(OLGA) == 6
    assert counts == {"statements": 3, "writes": 0}
