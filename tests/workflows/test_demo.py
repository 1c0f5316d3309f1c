"""The demo shows cases in many states, all of them reached through the services; nothing in it has failed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.metrics.periods import Period
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from webapp import demo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    file: Path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    engine = ProcessEngine(f"sqlite:///{file}", MarshmallowForms())
    engine.migrate()
    demo.load(engine, lambda _: None)
    yield engine
    engine.close()


def test_needs_stand_in_many_states(engine: ProcessEngine) -> None:
    rows = engine.registers.page("stakeholder_needs", ENGINE, limit=100).rows
    assert {row.status for row in rows} >= {
        "captured",
        "in analysis",
        "feasibility asked",
        "awaiting acceptance",
        "sent back",
        "handed out",
        "in progress",
        "satisfied",
        "changed",
        "rejected",
        "disqualified",
    }


def test_everybody_who_works_here_finds_something_to_do(engine: ProcessEngine) -> None:
    for user in ("ines", "omar", "anna", "ben", "farid", "grace", "sam", "petra"):
        assert engine.tasks.count(engine.identity.actor(user)) > 0, user


def test_time_has_passed(engine: ProcessEngine) -> None:
    open_tasks = [row.name for row in engine.tasks.worklist(engine.identity.actor("ben"), limit=100).rows]
    assert "Remind the feasibility group" in open_tasks
    assert any(row.overdue for row in engine.tasks.worklist(engine.identity.actor("ben"), limit=100).rows)


def test_one_message_waits_to_be_handed_over(engine: ProcessEngine) -> None:
    assert len(engine.management.outbox(ENGINE, state="pending").rows) == 1


def test_nothing_failed(engine: ProcessEngine) -> None:
    assert engine.management.failures(ENGINE).rows == ()


def test_an_originator_sees_their_own_organisation_only(engine: ProcessEngine) -> None:
    omar = engine.identity.actor("omar")
    shown = {case.organisation_id for case in engine.history.cases(omar, limit=100).rows}
    assert shown == {"halden-clinics"}


def test_the_loop_has_gone_round_once(engine: ProcessEngine) -> None:
    petra = engine.identity.actor("petra")
    evaluations = engine.evaluations.evaluations("a21", petra)
    now, before = evaluations.rows
    assert (now.judged_at, before.missed, before.actions, before.actions_open) == (None, 2, 3, 1)
    first = engine.evaluations.evaluation("a21", before.case.id, petra)
    lights = {figure.light for figure in first.figures if figure.target}
    assert lights == {"red", "amber", "green", "grey"}
    assert first.framework_change is not None
    second = engine.evaluations.evaluation("a21", now.case.id, petra)
    assert [(action.state, action.effect) for action in second.previous] == [
        ("done", "better"),
        ("done", "too few cases"),
        ("open", "better"),
    ]
    assert (first.framework or ("", "", 0))[2] == 1
    assert (second.framework or ("", "", 0))[2] == 2


def test_there_are_enough_ended_cases_for_honest_figures(engine: ProcessEngine) -> None:
    (process,) = [each for each in engine.performance.processes(ENGINE) if each.key == "a21"]
    assert process.light in {"red", "amber", "green"}
    cases = engine.history.cases(ENGINE, limit=200).rows
    months = {case.changed_at.strftime("%Y-%m") for case in cases if case.status == "completed"}
    assert len(months) >= 4
    assert any(case.status in {"cancelled", "withdrawn"} for case in cases), "one need was withdrawn"
    year = Period.of_days(365, engine.clock().date())
    assert len(engine.feedback.comments("a21", year, engine.identity.actor("petra"))) > 3


def test_a_need_is_supported_by_others(engine: ProcessEngine) -> None:
    anna = engine.identity.actor("anna")
    (record,) = engine.registers.page("stakeholder_needs", anna, text="Record opens quickly").rows
    assert len(engine.support.supporters("stakeholder_needs", record.id, anna)) == 2
