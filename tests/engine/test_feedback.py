"""The question at closure: who is asked, what an answer leaves behind, and that two answers at once agree."""

import pytest

from engine import managed
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.types import ENGINE, Actor
from engine.views import CaseRef
from engine.views.feedback import Question
from tests.bpmn_models import end, flows, process, start, user_task
from tests.engine.stage import ANN, BEN, MORNING, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, at_once

QUESTION = "How satisfied are you?"
TODAY = Period(MORNING.date(), MORNING.date())


def _model(key: str) -> bytes:
    return process(
        key,
        start(),
        user_task("ask", "Ask", candidateGroups="analysts"),
        end(),
        flows("s", "ask", "e"),
        properties={**OWNER, "organisation": '"acme"'},
        **STARTERS,
    )


@pytest.fixture
def asking(stage: Stage) -> Stage:
    """A process that asks its originators; the definition q belongs to another one that asks nobody."""
    asking, silent = (_model(key) for key in ("p", "q"))
    stage.deploy(p__bpmn=asking, q__bpmn=silent)
    asks = ManagedProcess("asks", "Asks", owner_group="owners", cases=("p",), feedback=QUESTION)
    with stage.engine.database.write() as connection:
        managed.store(connection, [asks], stage.clock())
    return stage


@pytest.fixture
def over(asking: Stage) -> CaseRef:
    """A completed case of Olga's."""
    case = asking.start("p")
    asking.do("ask")
    return case


def test_who_handed_the_case_in_is_asked_when_it_is_completed(asking: Stage) -> None:
    feedback = asking.engine.feedback
    case = asking.start("p")
    assert feedback.question(case.id, OLGA) is None
    asking.do("ask")
    assert feedback.question(case.id, OLGA) == Question(QUESTION, may_answer=True)
    assert feedback.question(case.id, OWEN) == Question(QUESTION, may_answer=False)
    assert feedback.question(case.id, ANN) is None
    with pytest.raises(NotFound):
        feedback.question(case.id, OTTO)


def test_cases_that_were_cancelled_or_whose_process_asks_nothing(asking: Stage) -> None:
    cancelled, silent = asking.start("p"), asking.start("q")
    asking.engine.runtime.cancel(cancelled.id, "No", actor=OWEN)
    asking.complete(asking.task().id)
    for case in (cancelled, silent):
        assert asking.engine.feedback.question(case.id, OLGA) is None
        with pytest.raises(NotPermitted):
            asking.engine.feedback.give(case.id, 4, None, actor=OLGA)
    assert asking.count("feedback") == 0


def test_an_answer_stands_in_the_log_and_in_the_figures_its_comment_does_not(asking: Stage, over: CaseRef) -> None:
    asking.clock.pass_by(hours=1)
    asking.engine.feedback.give(over.id, 4, " Well done,\r\nmostly. ", actor=OLGA)
    given = asking.engine.feedback.question(over.id, OLGA)
    assert given == Question(QUESTION, True, 4, "Well done,\nmostly.", asking.clock.now)
    event = asking.engine.history.timeline(over.id, ENGINE)[-1]
    assert (event.kind, event.actor.id, event.detail) == ("feedback.given", "olga", {"score": 4})
    assert asking.value("SELECT feedback FROM case_summary") == 4


def test_an_answer_may_be_changed(asking: Stage, over: CaseRef) -> None:
    for score, comment in ((2, "Slow"), (2, "Slow"), (5, None)):
        asking.engine.feedback.give(over.id, score, comment, actor=OLGA)
    given = asking.engine.feedback.question(over.id, OLGA)
    assert given is not None
    assert (given.score, given.comment) == (5, None)
    told = [event.detail["score"] for event in asking.engine.history.timeline(over.id, ENGINE)[-2:]]
    assert (told, asking.kinds(over.id).count("feedback.given")) == ([2, 5], 2)
    asking.engine.management.rebuild_figures()
    assert asking.value("SELECT feedback FROM case_summary") == 5


@pytest.mark.parametrize(
    ("score", "comment", "fields"),
    [(None, "x", {"score"}), (0, None, {"score"}), (6, "x" * 2001, {"score", "comment"}), (3, "x" * 2001, {"comment"})],
)
def test_what_is_no_answer_changes_nothing(
    asking: Stage, over: CaseRef, score: int | None, comment: str | None, fields: set[str]
) -> None:
    with pytest.raises(InputRefused) as refused:
        asking.engine.feedback.give(over.id, score, comment, actor=OLGA)
    assert refused.value.messages.keys() == fields
    assert asking.count("feedback") == 0
    assert asking.kinds(over.id)[-1] == "case.completed"


def test_others_do_not_answer(asking: Stage, over: CaseRef) -> None:
    for person in (ANN, OWEN):
        with pytest.raises(NotPermitted):
            asking.engine.feedback.give(over.id, 5, None, actor=person)
    with pytest.raises(NotFound):
        asking.engine.feedback.give(over.id, 5, None, actor=OTTO)


def test_an_answer_drops_the_sums_of_its_day(asking: Stage, over: CaseRef) -> None:
    asking.clock.pass_by(days=2)
    asking.engine.management.sum_days()
    asking.engine.feedback.give(over.id, 3, None, actor=OLGA)
    assert asking.count("summed_day") == 0
    assert asking.engine.management.sum_days() == 1
    assert [tuple(row) for row in asking.rows("SELECT label, total FROM daily_figure WHERE name = 'feedback'")] == [
        ("3", 3.0)
    ]


def test_a_case_without_figures_is_answered_and_rebuilt(asking: Stage, over: CaseRef) -> None:
    with asking.engine.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM case_summary")
    asking.engine.feedback.give(over.id, 1, None, actor=OLGA)
    asking.engine.management.rebuild_figures()
    assert asking.value("SELECT feedback FROM case_summary") == 1


def test_which_cases_wait_for_an_answer(asking: Stage, over: CaseRef) -> None:
    running, silent = asking.start("p"), asking.start("q")
    cases = [over.id, running.id, silent.id]
    feedback = asking.engine.feedback
    assert feedback.welcome(cases, OLGA) == {over.id}
    assert feedback.welcome(cases, ANN) == feedback.welcome([], OLGA) == frozenset()
    feedback.give(over.id, 2, None, actor=OLGA)
    assert feedback.welcome(cases, OLGA) == frozenset()


def test_comments_are_for_owners(asking: Stage, over: CaseRef) -> None:
    asking.engine.feedback.give(over.id, 2, "Slow", actor=OLGA)
    for process_key in ("asks", "p"):
        (found,) = asking.engine.feedback.comments("asks", TODAY, OWEN)
        assert (found.case.id, found.score, found.comment) == (over.id, 2, "Slow")
        assert asking.engine.feedback.comments(process_key, TODAY.before(), OWEN) == ()
        for person in (OLGA, ANN):
            with pytest.raises(NotFound):
                asking.engine.feedback.comments(process_key, TODAY, person)


def test_a_process_that_names_no_owners_has_those_of_its_cases(asking: Stage, over: CaseRef) -> None:
    asks = ManagedProcess("asks", "Asks", cases=("gone", "p"), feedback=QUESTION)
    with asking.engine.database.write() as connection:
        managed.store(connection, [asks], asking.clock())
    asking.engine.feedback.give(over.id, 2, "Slow", actor=OLGA)
    assert asking.engine.feedback.question(over.id, OWEN) is not None
    assert [each.comment for each in asking.engine.feedback.comments("asks", TODAY, OWEN)] == ["Slow"]
    with pytest.raises(NotFound):
        asking.engine.feedback.comments("asks", TODAY, ANN)


def test_owners_read_no_comments_on_cases_that_they_may_not_see(asking: Stage, over: CaseRef) -> None:
    asking.engine.feedback.give(over.id, 2, "Slow", actor=OLGA)
    asks = ManagedProcess("asks", "Asks", owner_group="others", cases=("p",), feedback=QUESTION)
    with asking.engine.database.write() as connection:
        managed.store(connection, [asks], asking.clock())
    olaf = Actor("olaf", "Olaf", frozenset({"process_owner"}), frozenset({"others"}))
    assert asking.engine.feedback.comments("asks", TODAY, olaf) == ()


def test_two_answers_at_once_agree_everywhere(asking: Stage, over: CaseRef) -> None:
    others = asking.another()
    asking.engine.feedback.give(over.id, 1, None, actor=OLGA)
    for _ in range(4):
        outcomes = at_once(
            lambda: asking.engine.feedback.give(over.id, 2, "two", actor=OLGA),
            lambda: others.engine.feedback.give(over.id, 5, "five", actor=OLGA),
            others.engine.management.rebuild_figures,
        )
        assert [outcome.error for outcome in outcomes] == [None] * 3
        ((score, comment),) = asking.rows("SELECT score, comment FROM feedback")
        assert comment == {2: "two", 5: "five"}[score]
        assert asking.value("SELECT feedback FROM case_summary") == score
        assert asking.engine.history.timeline(over.id, ENGINE)[-1].detail == {"score": score}
        asking.engine.feedback.give(over.id, 1, None, actor=OLGA)


def test_an_answer_while_its_day_is_summed_up(asking: Stage, over: CaseRef) -> None:
    asking.clock.pass_by(days=2)
    others = asking.another()
    for score in (1, 2, 3, 4, 5):
        outcomes = at_once(
            lambda given=score: asking.engine.feedback.give(over.id, given, None, actor=OLGA),  # type: ignore[misc]
            others.engine.management.sum_days,
        )
        assert [outcome.error for outcome in outcomes] == [None, None]
        asking.engine.management.sum_days()
        rows = asking.rows("SELECT label FROM daily_figure WHERE name = 'feedback'")
        assert [row.label for row in rows] == [str(score)]


def test_the_starter_answers_where_no_originator_is_known(asking: Stage) -> None:
    case = asking.start("p", BEN)
    asking.do("ask")
    assert asking.engine.feedback.question(case.id, BEN) == Question(QUESTION, may_answer=True)
