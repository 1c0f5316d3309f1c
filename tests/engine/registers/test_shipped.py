"""The shipped process area as its registers tell it: who made what, what was read, what became of a need."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine.errors import NotFound
from engine.types import ENGINE
from tests.workflows.scenario import Player, scenarios
from tests.workflows.stage import Stage, raised

WALK = "accepted and satisfied"


@pytest.fixture
def walked(database: str) -> Iterator[Stage]:
    """A stage on which omar's need was restated, qualified, accepted, handed out and satisfied."""
    stage = raised(database)
    (scenario,) = [each for each in scenarios() if each.name == WALK]
    Player(stage).play(scenario)
    yield stage
    stage.engine.close()


def _rows(stage: Stage, columns: str, table: str) -> set[tuple[object, ...]]:
    """Return the rows of a table, and see to it that no two are the same."""
    with stage.engine.database.read() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(f"select {columns} from {table}"))]  # noqa: S608 - ours
    assert len(rows) == len(set(rows))
    return set(rows)


def test_a_walk_leaves_nothing_that_nobody_made(walked: Stage) -> None:
    """Each version of the case was written by an activity that its log knows, each read by one that ended."""
    activity = "instance_id, process_key, element_id, task_id"
    done = _rows(walked, activity, "activity_event where kind = 'activity.completed'")
    made = _rows(walked, f"{activity}, register, version", "record_version where instance_id is not null")
    assert len(made) >= 6
    assert {row[:4] for row in made} <= done
    read = _rows(walked, f"{activity}, register, record_id, version", "provenance")
    assert len(read) > 5
    assert {row[:4] for row in read} <= done
    assert {row[4:] for row in read} <= _rows(walked, "register, record_id, version", "record_version")


def test_what_people_wrote_bears_their_name(walked: Stage) -> None:
    by_activity = _rows(
        walked, "task_id, actor", "activity_event where element_kind = 'userTask' and kind = 'activity.completed'"
    )
    written = _rows(walked, "task_id, register, version, created_by", "record_version where task_id is not null")
    by_people = {task for task, _ in by_activity}
    known = {(task, by) for task, _, _, by in written if task in by_people}
    assert known <= by_activity
    assert {by for _, by in known} == {"anna", "omar"}


def test_a_requirement_leads_back_to_its_need_and_the_rules_it_was_made_by(walked: Stage) -> None:
    service = walked.engine.registers
    anna, omar, ines, adam = (walked.engine.identity.actor(name) for name in ("anna", "omar", "ines", "adam"))
    (requirement,) = service.page("stakeholder_requirements", anna).rows
    assert (requirement.status, requirement.organisation_id) == ("satisfied", "halden-clinics")
    detail = service.record("stakeholder_requirements", requirement.id, anna)
    sources = {each.ref.register: each for each in detail.made_from}
    assert sources["stakeholder_needs"].title == "Opening hours on the booking page"
    assert sources["stakeholder_needs"].singular == "Stakeholder need"
    need = service.record("stakeholder_needs", sources["stakeholder_needs"].ref.id, omar)
    assert requirement.id in {each.ref.id for each in need.became}
    assert need.reads == []
    for stranger in (ines, adam):
        with pytest.raises(NotFound):
            service.record("stakeholder_needs", need.row.id, stranger)
    assert service.page("stakeholder_needs", ines).rows == ()
    assert [each.definition.key for each in service.registers(adam)] == ["customer_organisations"]


def test_the_framework_knows_the_needs_that_were_analysed_by_it(walked: Stage) -> None:
    petra = walked.engine.identity.actor("petra")
    register = "stakeholder_requirements_management_framework"
    (framework,) = walked.engine.registers.page(register, petra).rows
    became = walked.engine.registers.record(register, framework.id, petra).became
    assert {each.ref.register for each in became} >= {"stakeholder_needs"}


def test_an_originator_without_organisation_is_served_too(database: str) -> None:
    stage = raised(database)
    stage.engine.identity.create_user("uma", "Uma Unbound", roles=["originator"], actor=ENGINE)
    uma, omar, anna = (stage.engine.identity.actor(name) for name in ("uma", "omar", "anna"))
    values = {"title": "A bell", "statement": "I want a bell.", "need_kind": "functional", "importance": "must"}
    case = stage.engine.runtime.start("capture_customer_need", values, actor=uma)
    facts = stage.engine.history.case(case.id, uma)
    assert (facts.organisation_id, facts.originator.id if facts.originator else None) == (None, "uma")
    (row,) = stage.engine.registers.page("stakeholder_needs", uma).rows
    assert row.organisation_id is None
    assert stage.engine.registers.page("stakeholder_needs", omar).rows == ()
    with pytest.raises(NotFound):
        stage.engine.history.case(case.id, omar)
    assert [each.id for each in stage.engine.registers.page("stakeholder_needs", anna).rows] == [row.id]
    stage.engine.close()
