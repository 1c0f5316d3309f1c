"""Withdrawing a case: by who handed it in, if the process lets them; its records follow, nothing half done."""

from functools import partial
from typing import Any

import pytest

from engine.errors import ConcurrentUpdate, InputRefused, NotFound, NotPermitted
from engine.types import ENGINE, Actor
from engine.views import CaseFilter
from tests.bpmn_models import end, flows, message, process, reads, send_task, start, store, user_task, writes
from tests.engine.stage import ANN, BEN, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, at_once, form

REGISTERS = b"""
registers:
  - {key: needs, name: Needs, singular: Need, variable: need, prefix: N, form: need, title: title, readers: [staff],
     statuses: [new, done, gone], withdrawn: gone, closed: [done, gone]}
  - {key: notes, name: Notes, variable: note, prefix: T, form: need, title: title, readers: [staff]}
"""
NORA = Actor("nora", "Nora Neighbour", frozenset({"originator"}), frozenset(), "acme")


def deploy(stage: Stage, withdrawal: str = "true", after: str = "new") -> None:
    """Deploy a process that writes a need and a note, hands a message out, and has analysts look at it."""
    facts = {
        **OWNER,
        "withdrawal": withdrawal,
        "title": "=title",
        "organisation": '="acme"',
        "originator": "=initiator.id",
    }
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", writes("needs") + writes("notes"), form="need"),
            send_task("tell", "m", {"destination": "builders", "needs.status": after}, writes("told")),
            user_task("look", "Look", candidateGroups="analysts"),
            end(),
            store("needs", "needs"),
            store("told", "needs"),
            store("notes", "notes"),
            flows("s", "tell", "look", "e"),
            around=message("m", "plan"),
            properties=facts,
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        need__form=form("need", "title"),
    )


def test_the_originator_withdraws_a_case_and_its_records_follow(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    detail = stage.engine.history.case(case.id, OLGA)
    assert (detail.may_withdraw, detail.may_cancel, detail.handed_over_to) == (True, False, ())
    stage.clock.pass_by(hours=2)
    stage.engine.runtime.withdraw(case.id, "  we have pens ", actor=OLGA)
    detail = stage.engine.history.case(case.id, OLGA)
    assert (detail.status, detail.outcome, detail.tasks, detail.may_withdraw) == ("withdrawn", None, (), False)
    assert detail.ended_at == stage.clock.now
    record = stage.engine.registers.record("needs", "N-0001", ENGINE)
    assert (record.row.status, record.body) == ("gone", {"title": "Pens"})
    newest = record.versions[0]
    assert (newest.version, newest.created_by, newest.instance_id, newest.element_id) == (3, "olga", case.id, None)
    assert stage.engine.registers.record("notes", "T-0001", ENGINE).row.version == 1, "no status for it: left alone"
    *_, written, ended = stage.engine.history.timeline(case.id, OLGA)
    assert (written.kind, written.actor.id, written.detail["status"]) == ("record.written", "olga", "gone")
    assert (ended.kind, ended.actor.id) == ("case.cancelled", "olga")
    assert ended.detail == {"reason": "we have pens", "withdrawn": True}
    assert stage.tasks() == ()
    assert [row.state for row in stage.engine.management.outbox(ENGINE, state=None).rows] == ["withdrawn"]


def test_lists_tell_withdrawn_from_cancelled(stage: Stage) -> None:
    deploy(stage)
    one, two, three = (stage.start(title=title) for title in ("one", "two", "three"))
    stage.engine.runtime.withdraw(one.id, "x", actor=OLGA)
    stage.engine.runtime.cancel(two.id, "x", actor=OWEN)

    def listed(status: str | None) -> list[tuple[str, str]]:
        rows = stage.engine.history.cases(OLGA, filter=CaseFilter(status=status)).rows  # type: ignore[arg-type]
        return [(row.id, row.status) for row in rows]

    assert listed("withdrawn") == [(one.id, "withdrawn")]
    assert listed("cancelled") == [(two.id, "cancelled")]
    assert listed("active") == [(three.id, "active")]
    assert sorted(listed(None)) == sorted([(one.id, "withdrawn"), (two.id, "cancelled"), (three.id, "active")])


def test_an_owners_cancellation_withdraws_the_records_too(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    stage.engine.runtime.cancel(case.id, "a double", actor=OWEN)
    record = stage.engine.registers.record("needs", "N-0001", ENGINE)
    assert (record.row.status, record.versions[0].created_by) == ("gone", "owen")
    assert stage.engine.history.timeline(case.id, ENGINE)[-1].detail == {"reason": "a double"}


def test_a_closed_record_stays_as_it_is(stage: Stage) -> None:
    deploy(stage, after="done")
    stage.engine.runtime.withdraw(stage.start(title="Pens").id, "late", actor=OLGA)
    row = stage.engine.registers.record("needs", "N-0001", ENGINE).row
    assert (row.status, row.version) == ("done", 2)


def test_a_record_that_was_there_before_the_case_stays(stage: Stage) -> None:
    rules = b"""
  - {key: rules, name: Rules, variable: rule, prefix: R, form: need, title: title, singleton: true, readers: [staff],
     statuses: [valid, gone], withdrawn: gone}
"""
    facts: dict[str, Any] = {"candidateGroups": "analysts", "formRef": "need"}
    stage.deploy(
        c__bpmn=process(
            "c",
            start(),
            user_task("change", "Change", reads("kept") + writes("kept"), **facts),
            user_task("look", "Look", candidateGroups="analysts"),
            end(),
            store("kept", "rules"),
            flows("s", "change", "look", "e"),
            properties={**OWNER, "withdrawal": "true"},
            **STARTERS,
        ),
        registers__yaml=REGISTERS + rules,
        need__form=form("need", "title"),
    )
    stage.engine.registers.save("rules", None, {"title": "Old"}, status="valid", actor=ENGINE)
    case = stage.start("c")
    task = stage.task()
    shown = [each.ref for each in stage.engine.tasks.get(task.id, ANN).reads]
    stage.engine.tasks.complete(task.id, {"title": "New"}, actor=ANN, shown=shown)
    stage.engine.runtime.withdraw(case.id, "not so", actor=OLGA)
    row = stage.engine.registers.record("rules", "R-0001", ENGINE).row
    assert (row.status, row.title, row.version) == ("valid", "New", 2)


def test_who_may_not_withdraw_is_told(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    for actor in (NORA, ANN, OWEN):
        with pytest.raises(NotPermitted):
            stage.engine.runtime.withdraw(case.id, "x", actor=actor)
        assert not stage.engine.history.case(case.id, actor).may_withdraw
    for actor in (OTTO,):
        with pytest.raises(NotFound):
            stage.engine.runtime.withdraw(case.id, "x", actor=actor)
    for reason in ("", " \n"):
        with pytest.raises(InputRefused):
            stage.engine.runtime.withdraw(case.id, reason, actor=OLGA)
    stage.engine.runtime.withdraw(case.id, "x", actor=OLGA)
    with pytest.raises(ConcurrentUpdate):
        stage.engine.runtime.withdraw(case.id, "again", actor=OLGA)
    assert stage.kinds(case.id).count("case.cancelled") == 1


def test_who_started_a_case_for_somebody_may_withdraw_it(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(actor=BEN, title="Pens")
    stage.engine.runtime.withdraw(case.id, "asked to", actor=BEN)
    assert stage.engine.history.case(case.id, BEN).status == "withdrawn"


def test_a_process_may_forbid_it(stage: Stage) -> None:
    deploy(stage, withdrawal="false")
    case = stage.start(title="Pens")
    assert not stage.engine.history.case(case.id, OLGA).may_withdraw
    with pytest.raises(NotPermitted, match="owners of the process"):
        stage.engine.runtime.withdraw(case.id, "x", actor=OLGA)
    assert stage.engine.history.case(case.id, OLGA).status == "active"


def test_what_was_handed_over_is_told_and_stays_handed_over(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    (sent,) = stage.engine.management.outbox(ENGINE).rows
    stage.engine.management.hand_over(sent.id, actor=OWEN)
    assert stage.engine.history.case(case.id, OLGA).handed_over_to == ("builders",)
    assert stage.engine.history.case(case.id, NORA).handed_over_to == ()
    stage.engine.runtime.withdraw(case.id, "x", actor=OLGA)
    assert [row.state for row in stage.engine.management.outbox(ENGINE, state=None).rows] == ["handed over"]


def test_a_withdrawn_message_cannot_be_handed_over(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    (sent,) = stage.engine.management.outbox(ENGINE).rows
    stage.engine.runtime.withdraw(case.id, "x", actor=OLGA)
    with pytest.raises(ConcurrentUpdate, match="withdrawn"):
        stage.engine.management.hand_over(sent.id, actor=OWEN)


@pytest.mark.parametrize("turn", range(4))
def test_withdrawal_and_completion_at_once_one_wins_and_the_other_is_told(stage: Stage, turn: int) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    task, other = stage.task().id, stage.another()
    withdraw = partial(other.engine.runtime.withdraw, case.id, "x", actor=OLGA)
    complete = partial(stage.complete, task)
    outcomes = at_once(*((withdraw, complete) if turn % 2 else (complete, withdraw)))
    errors = [each.error for each in outcomes if each.error is not None]
    assert len(errors) == 1
    assert isinstance(errors[0], ConcurrentUpdate)
    status = stage.engine.history.case(case.id, OLGA).status
    kinds = stage.kinds(case.id)
    assert (kinds.count("case.completed"), kinds.count("case.cancelled")) == (
        (0, 1) if status == "withdrawn" else (1, 0)
    )
    record = stage.engine.registers.record("needs", "N-0001", ENGINE).row
    assert (record.status, record.version) == (("gone", 3) if status == "withdrawn" else ("new", 2))


def test_two_withdrawals_at_once_end_it_once(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(title="Pens")
    outcomes = at_once(
        *(partial(where.engine.runtime.withdraw, case.id, "x", actor=OLGA) for where in (stage, stage.another()))
    )
    assert [isinstance(each.error, ConcurrentUpdate) for each in outcomes].count(True) == 1
    assert stage.kinds(case.id).count("case.cancelled") == 1
    assert stage.engine.registers.record("needs", "N-0001", ENGINE).row.version == 3
