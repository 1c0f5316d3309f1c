"""A case that keeps an older version of a framework can be worked on; one that takes a newer one over is told."""

from functools import partial

import pytest

from engine.errors import ConcurrentUpdate, InputRefused
from engine.types import ENGINE, RecordRef
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.framework import FORM, REGISTERS, change, deploy
from tests.engine.stage import ANN, STARTERS, Stage, at_once


def shown(stage: Stage) -> RecordRef:
    (read,) = stage.engine.tasks.get(stage.task().id, ANN).reads
    return read.ref


def complete(stage: Stage, ref: RecordRef) -> None:
    stage.engine.tasks.complete(stage.task().id, {}, actor=ANN, shown=[ref])


def rules(version: int) -> RecordRef:
    return RecordRef("rules", "R-0001", version)


def test_a_case_that_keeps_its_version_is_shown_it_and_can_be_completed(stage: Stage) -> None:
    deploy(stage)
    case = stage.start()
    change(stage, "keep", title="Two")
    assert shown(stage) == rules(1)
    assert stage.engine.tasks.get(stage.task().id, ANN).context["rules"]["title"] == "One"
    complete(stage, rules(1))
    assert shown(stage) == rules(1), "the next task reads the same"
    complete(stage, rules(1))
    record = stage.engine.registers.record("rules", "R-0001", ENGINE)
    assert [read.version for read in record.reads] == [1, 1]
    assert stage.engine.history.case(case.id, ENGINE).status == "completed"


def test_nobody_can_have_been_shown_another_version_than_the_rule_reads(stage: Stage) -> None:
    deploy(stage)
    stage.start()
    change(stage, "keep")
    with pytest.raises(ConcurrentUpdate):
        complete(stage, rules(2))
    change(stage, "take_over")
    change(stage, "keep")
    assert shown(stage) == rules(3)
    for version in (1, 2, 4):
        with pytest.raises(ConcurrentUpdate):
            complete(stage, rules(version))
    with pytest.raises(InputRefused):
        complete(stage, RecordRef("rules", "R-0002", 1))
    complete(stage, rules(3))
    assert shown(stage) == rules(3)


def test_who_looks_at_a_version_that_is_taken_over_meanwhile_is_told(stage: Stage) -> None:
    deploy(stage)
    stage.start()
    before = shown(stage)
    change(stage, "take_over")
    with pytest.raises(ConcurrentUpdate, match=r"R-0001 was changed by engine"):
        complete(stage, before)
    complete(stage, shown(stage))
    assert shown(stage) == rules(2)


def test_a_new_case_reads_the_newest_whatever_it_says(stage: Stage) -> None:
    deploy(stage)
    change(stage, "keep")
    stage.start()
    assert shown(stage) == rules(2)


def _writing(stage: Stage) -> None:
    stage.deploy(
        w__bpmn=process(
            "w",
            store("st", "rules"),
            store("again", "rules"),
            start(),
            user_task("draft", inner=reads("st"), candidateGroups="analysts", formRef="rules"),
            user_task("write", inner=reads("again") + writes("again"), candidateGroups="analysts", formRef="rules"),
            end(),
            flows("s", "draft", "write", "e"),
            **STARTERS,
        ),
        registers__yaml=REGISTERS,
        rules__form=FORM,
    )
    stage.engine.registers.save("rules", None, {"title": "One"}, actor=ENGINE)


def test_the_case_that_changes_the_framework_writes_upon_the_newest_version(stage: Stage) -> None:
    _writing(stage)
    stage.start("w")
    change(stage, "keep", title="Two")
    assert shown(stage) == rules(1)
    stage.engine.tasks.complete(stage.task().id, {"title": "One"}, actor=ANN, shown=[rules(1)])
    assert shown(stage) == rules(2), "it also writes: the newest"
    change(stage, "keep", title="Three")
    with pytest.raises(ConcurrentUpdate):
        stage.engine.tasks.complete(stage.task().id, {"title": "Mine"}, actor=ANN, shown=[rules(2)])
    assert shown(stage) == rules(3)
    stage.engine.tasks.complete(stage.task().id, {"title": "Mine"}, actor=ANN, shown=[rules(3)])
    record = stage.engine.registers.record("rules", "R-0001", ENGINE)
    assert (record.row.version, record.body["title"]) == (4, "Mine")


def test_a_new_version_and_a_completion_at_once_leave_no_case_with_what_it_may_not_read(stage: Stage) -> None:
    deploy(stage)
    for version in range(1, 6):
        stage.start()
        task = stage.task("ask").id
        seen = stage.engine.tasks.get(task, ANN).reads[0].ref
        done, changed = at_once(
            partial(stage.engine.tasks.complete, task, {}, actor=ANN, shown=[seen]), partial(change, stage)
        )
        assert changed.error is None
        assert changed.result == rules(version + 1)
        if done.error is not None:
            assert isinstance(done.error, ConcurrentUpdate)
            stage.complete(task)
        assert stage.engine.tasks.get(stage.task("then").id, ANN).reads[0].ref == rules(version + 1)
        stage.complete(stage.task("then").id)
