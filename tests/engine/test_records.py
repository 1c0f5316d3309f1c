"""Work products within steps: written with the step or not at all, never over somebody's unseen change."""

from functools import partial
from typing import Any

import pytest

from engine.errors import ConcurrentUpdate, InputRefused
from engine.types import ENGINE, Json, RecordRef
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.stage import ANN, BEN, OLGA, STARTERS, Stage, at_once, form

REGISTERS = b"""
registers:
  - key: needs
    name: Needs
    variable: need
    prefix: N
    form: need
    title: title
    statuses: [final]
    readers: [staff]
    maintainers: [staff]
"""


def deploy_needs(stage: Stage, text: str | dict[str, Json] = "text") -> None:
    """Deploy a process that writes a need at the start, and has it read and changed by two tasks in turn.

    `text` is the second field of its form.
    """
    change: dict[str, Any] = {"candidateGroups": "analysts", "formRef": "need"}
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", inner=writes("one"), form="need"),
            user_task("look", inner=reads("two") + writes("two"), **change),
            user_task("again", inner=reads("three") + writes("three"), properties={"needs.status": "final"}, **change),
            end(),
            *(store(each, "needs") for each in ("one", "two", "three")),
            flows("s", "look", "again", "e"),
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        need__form=form("need", "title", text),
    )


def test_records_are_written_with_the_step(stage: Stage) -> None:
    deploy_needs(stage)
    case = stage.start(title="One", text="first")
    task = stage.task()
    detail = stage.engine.tasks.get(task.id, ANN)
    (read,) = detail.reads
    assert (read.ref, read.title, read.body["text"]) == (RecordRef("needs", "N-0001", 1), "One", "first")
    assert dict(read.fields) == {"title": "Title", "text": "Text"}
    stage.engine.tasks.complete(task.id, {"title": "One", "text": "second"}, actor=ANN, shown=[read.ref])
    record = stage.engine.registers.record("needs", "N-0001", ENGINE)
    assert (record.row.version, record.body["text"]) == (2, "second")
    assert [(each.version, each.created_by) for each in record.versions] == [(2, "ann"), (1, "olga")]
    assert [each.version for each in record.reads] == [1]
    uses = stage.engine.history.case(case.id, ANN).records
    assert [(use.ref.version, use.produced, use.current_version) for use in uses] == [(1, True, 2), (2, True, 2)]
    written = [e.detail for e in stage.engine.history.timeline(case.id, OLGA) if e.kind == "record.written"]
    assert [(each["id"], each["version"]) for each in written] == [("N-0001", 1), ("N-0001", 2)]


def test_nobodys_unseen_change_is_overwritten(stage: Stage) -> None:
    deploy_needs(stage)
    stage.start(title="One", text="first")
    task = stage.task()
    (read,) = stage.engine.tasks.get(task.id, ANN).reads
    stage.clock.pass_by(minutes=5)
    stage.engine.registers.save("needs", "N-0001", {"title": "One", "text": "by form"}, base=1, actor=BEN)
    with pytest.raises(ConcurrentUpdate) as caught:
        stage.engine.tasks.complete(task.id, {"title": "One", "text": "mine"}, actor=ANN, shown=[read.ref])
    assert (caught.value.by, caught.value.at) == ("ben", stage.clock.now)
    assert stage.task().id == task.id
    assert stage.count("failure") == 0
    (newer,) = stage.engine.tasks.get(task.id, ANN).reads
    assert newer.body["text"] == "by form"
    stage.engine.tasks.complete(task.id, {"title": "One", "text": "mine"}, actor=ANN, shown=[newer.ref])
    assert stage.engine.registers.record("needs", "N-0001", ENGINE).row.version == 3


def test_a_record_that_was_only_shown_is_checked_too(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", inner=writes("store"), form="need"),
            user_task("look", inner=reads("store"), candidateGroups="analysts"),
            end(),
            store("store", "needs"),
            flows("s", "look", "e"),
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        need__form=form("need", "title", "text"),
    )
    stage.start(title="One", text="first")
    task = stage.task()
    (read,) = stage.engine.tasks.get(task.id, ANN).reads
    stage.engine.registers.save("needs", "N-0001", {"title": "One", "text": "by form"}, base=1, actor=BEN)
    with pytest.raises(ConcurrentUpdate):
        stage.engine.tasks.complete(task.id, {}, actor=ANN, shown=[read.ref])
    (newer,) = stage.engine.tasks.get(task.id, ANN).reads
    assert stage.engine.tasks.complete(task.id, {}, actor=ANN, shown=[newer.ref]).finished


def test_a_page_cannot_claim_to_have_shown_what_it_did_not(stage: Stage) -> None:
    deploy_needs(stage)
    stage.start(title="One", text="first")
    stage.start(title="Two", text="first")
    task = min(stage.tasks(), key=lambda row: row.case.number)
    for ref, error in (
        (RecordRef("needs", "N-0002", 1), InputRefused),
        (RecordRef("needs", "N-0099", 1), InputRefused),
        (RecordRef("nothing", "N-0001", 1), InputRefused),
        (RecordRef("needs", "N-0001", 99), ConcurrentUpdate),
        (RecordRef("needs", "N-0001", 0), ConcurrentUpdate),
    ):
        with pytest.raises(error):
            stage.engine.tasks.complete(task.id, {"title": "x", "text": "y"}, actor=ANN, shown=[ref])
    assert stage.count("failure") == 0


def test_numbers_of_records_are_drawn_once_each(stage: Stage) -> None:
    deploy_needs(stage)
    outcomes = at_once(*(lambda: [stage.start(title="x", text="y").id for _ in range(4)] for _ in range(4)))
    assert [each.error for each in outcomes] == [None] * 4
    numbers = [row.id for row in stage.rows("select id from record order by id")]
    assert numbers == [f"N-{count:04d}" for count in range(1, 17)]


def test_a_form_and_a_step_that_write_the_same_record_at_once_agree(stage: Stage) -> None:
    deploy_needs(stage)
    for count in range(1, 6):
        stage.start(title="One", text="first")
        task = stage.task("look")
        number = f"N-{count:04d}"
        first = RecordRef("needs", number, 1)
        step, saved = at_once(
            partial(stage.engine.tasks.complete, task.id, {"title": "One", "text": "step"}, actor=ANN, shown=[first]),
            partial(stage.engine.registers.save, "needs", number, {"title": "One", "text": "form"}, base=1, actor=BEN),
        )
        assert [each.error is None for each in (step, saved)].count(True) == 1
        (failed,) = [each.error for each in (step, saved) if each.error]
        assert isinstance(failed, ConcurrentUpdate)
        versions = stage.rows("select body from record_version where record_id = :id and version = 2", id=number)
        assert len(versions) == 1
        if step.error is not None:
            (ref,) = [each.ref for each in stage.engine.tasks.get(task.id, ANN).reads]
            stage.engine.tasks.complete(task.id, {"title": "One", "text": "step"}, actor=ANN, shown=[ref])
        stage.engine.tasks.complete(
            stage.task("again").id, {"title": "One", "text": "last"}, actor=ANN, shown=[_current(stage, number)]
        )


def _current(stage: Stage, number: str) -> RecordRef:
    return RecordRef("needs", number, stage.engine.registers.record("needs", number, ENGINE).row.version)
