"""Managed processes as stored: they come back equal, belong to their definitions, and keep what evaluation notes."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from engine import managed
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure, ReportDefinition
from engine.persistence import models
from tests.bpmn_models import end, flows, process, start
from tests.engine.stage import MORNING, OWNER, STARTERS, Stage

A21 = ManagedProcess(
    key="a21",
    name="Stakeholder Requirements Management",
    reference="A21",
    owner_group="owners",
    cases=("capture", "transform"),
    framework="requirements_framework",
    send_backs=("send_back",),
    feedback="How satisfied are you?",
    measures=(
        OwnMeasure("guidance", "Time to guidance", "duration", "seconds", since=EventPattern(element="ask"),
                   until=EventPattern(kind="message.received", element="answer")),
        OwnMeasure("rounds", "Rounds", "count", of=EventPattern(element="agree", outcome="send_back")),
    ),
    reports=(ReportDefinition("needs", "Needs", "needs", services="services", service="concerned"),),
)  # fmt: skip
A22 = ManagedProcess(key="a22", name="Service Level Management", cases=("review",))


def stored(stage: Stage, *processes: ManagedProcess) -> dict[str, ManagedProcess]:
    with stage.engine.database.write() as connection:
        managed.store(connection, processes, stage.clock())
    with stage.engine.database.read() as connection:
        return managed.load(connection)


def of_definition(stage: Stage, key: str) -> ManagedProcess:
    with stage.engine.database.read() as connection:
        return managed.of_definition(connection, key)


def test_stored_processes_come_back_equal_by_name(stage: Stage) -> None:
    found = stored(stage, A21, A22)
    assert found == {"a21": A21, "a22": A22}
    assert list(found) == ["a22", "a21"]


@pytest.mark.parametrize("key", ["capture", "transform"])
def test_a_definition_belongs_to_the_process_that_names_it(stage: Stage, key: str) -> None:
    stored(stage, A22, A21)
    assert of_definition(stage, key) == A21


def test_a_definition_that_none_names_is_an_unmanaged_process_of_its_own(stage: Stage) -> None:
    stored(stage, A21)
    model = process("p", start(), end(), flows("s", "e"), properties=OWNER, **STARTERS).replace(
        b'id="p"', b'id="p" name="Peel"'
    )
    stage.deploy(p__bpmn=model)
    expected = ManagedProcess(key="p", name="Peel", owner_group="owners", cases=("p",), managed=False)
    assert of_definition(stage, "p") == expected


def test_an_unknown_definition_is_answered_too(stage: Stage) -> None:
    assert of_definition(stage, "gone") == ManagedProcess(key="gone", name="gone", cases=("gone",), managed=False)


def test_a_change_is_stored_and_seen_by_another_process_at_once(stage: Stage) -> None:
    other = stage.another()
    stored(stage, A21)
    assert of_definition(other, "capture").feedback == "How satisfied are you?"
    stored(stage, replace(A21, feedback=None))
    assert of_definition(other, "capture").feedback is None


def test_a_change_keeps_what_evaluation_noted(stage: Stage) -> None:
    stored(stage, A21)
    noted = update(models.ManagedProcess).values(evaluation_id="case-1", evaluated_until=date(2026, 3, 1))
    with stage.engine.database.write() as connection:
        connection.execute(noted)
    stored(stage, replace(A21, name="Requirements"))
    row = stage.rows("SELECT name, evaluation_id FROM managed_process")
    assert [tuple(each) for each in row] == [("Requirements", "case-1")]


def test_the_same_content_is_not_written_again(stage: Stage) -> None:
    stored(stage, A21)
    stage.clock.pass_by(days=1)
    stored(stage, A21)
    with stage.engine.database.read() as connection:
        changed = connection.execute(models.ManagedProcess.__table__.select()).one().changed_at
    assert changed == MORNING
