"""The demo shows cases in many states, all of them reached through the services; nothing in it has failed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from webapp import demo


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
