"""Where versions come from: every version knows the activity that made it, every read is noted once."""

import pytest

from engine.errors import NotFound
from engine.registers.views import Relative
from engine.types import ENGINE, Actor, RecordRef
from tests.bpmn_models import call, end, flows, process, reads, start, store, user_task, writes
from tests.engine.registers.world import KEEPER, REGISTERS, deploy, need, save
from tests.engine.stage import ANN, BEN, CARL, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, form

OWNS_NOTHING = Actor("otis", "Otis Owner", frozenset({"process_owner"}), frozenset({"others"}))


def _deploy(stage: Stage) -> None:
    """Deploy a process that writes a need, and calls one that answers it with need and policy before it."""
    stage.deploy(
        outer__bpmn=process(
            "outer",
            start("s", inner=writes("needs_1"), form="wish"),
            call("inner", "inner", mappings='<camunda:in variables="all"/><camunda:out variables="all"/>'),
            user_task("close", "Close", reads("needs_2") + writes("needs_2"), candidateGroups="analysts"),
            end(),
            store("needs_1", "needs"),
            store("needs_2", "needs"),
            flows("s", "inner", "close", "e"),
            properties={"ownerGroup": "others", "organisation": "=organisation"},
            **STARTERS,
        ),
        inner__bpmn=process(
            "inner",
            start("s2"),
            user_task(
                "answer",
                "Answer",
                reads("needs_1") + reads("policy_1") + writes("answers_1"),
                formRef="answer",
                candidateGroups="analysts",
            ),
            end("e2"),
            *(store(f"{register}_1", register) for register in ("needs", "policy", "answers")),
            flows("s2", "answer", "e2"),
            properties=OWNER,
        ),
        wish__form=form("wish", "title", "organisation"),
    )


def _answered(stage: Stage, organisation: str = "acme") -> str:
    """Play a case to its end and return its number."""
    case = stage.start("outer", title="Need", organisation=organisation)
    for _ in range(2):
        task = stage.task()
        shown = [read.ref for read in stage.engine.tasks.get(task.id, ANN).reads]
        values = {"text": "Because"} if task.element_id == "answer" else {}
        stage.clock.pass_by(minutes=1)
        stage.engine.tasks.complete(task.id, values, actor=ANN, shown=shown)
    return case.number


@pytest.fixture
def answered(registers: Stage) -> Stage:
    """A stage on which olga's need of acme was answered by ann."""
    save(registers, "policy", text="Be good")
    _deploy(registers)
    assert _answered(registers) == "C-000001"
    return registers


def test_a_version_tells_activity_case_and_person(answered: Stage) -> None:
    detail = answered.engine.registers.record("needs", "N-0001", KEEPER)
    newest, first = detail.versions
    assert (newest.version, newest.created_by, newest.case_number) == (2, "ann", "C-000001")
    assert (newest.element_id, newest.element_name) == ("close", "Close")
    assert (first.version, first.created_by, first.case_number) == (1, "olga", "C-000001")
    assert (first.element_id, first.element_name) == ("s", None)
    (policy,) = answered.engine.registers.record("policy", "POL-0001", KEEPER).versions
    assert (policy.created_by, policy.instance_id, policy.case_number, policy.element_id) == (
        "engine",
        None,
        None,
        None,
    )


def test_every_read_is_noted_once_with_the_version_shown(answered: Stage) -> None:
    found = answered.rows(
        "select register, record_id, version, process_key, element_id, actor from provenance order by id"
    )
    assert sorted(tuple(row) for row in found) == [
        ("needs", "N-0001", 1, "inner", "answer", "ann"),
        ("needs", "N-0001", 1, "outer", "close", "ann"),
        ("policy", "POL-0001", 1, "inner", "answer", "ann"),
    ]
    reads_of_need = answered.engine.registers.record("needs", "N-0001", KEEPER).reads
    assert [(each.version, each.element_name, each.actor, each.case_number) for each in reads_of_need] == [
        (1, "Close", "ann", "C-000001"),
        (1, "Answer", "ann", "C-000001"),
    ]


def test_lineage_leads_both_ways(answered: Stage) -> None:
    answer = answered.engine.registers.record("answers", "A-0001", KEEPER)
    assert answer.made_from == [
        Relative(RecordRef("needs", "N-0001", 1), "Need", "Need", None, 1),
        Relative(RecordRef("policy", "POL-0001", 1), "Policy", "Be good", None, 1),
    ]
    assert answer.became == []
    became = answered.engine.registers.record("needs", "N-0001", KEEPER).became
    assert became == [Relative(RecordRef("answers", "A-0001", 1), "Answer", "Because", None, 1)]
    policy = answered.engine.registers.record("policy", "POL-0001", KEEPER)
    assert [each.ref.id for each in policy.became] == ["A-0001"]


def test_that_a_version_follows_another_is_history_and_no_lineage(answered: Stage) -> None:
    detail = answered.engine.registers.record("needs", "N-0001", KEEPER)
    assert [each.version for each in detail.versions] == [2, 1]
    assert "needs" not in {each.ref.register for each in (*detail.made_from, *detail.became)}


def test_lineage_names_nothing_that_is_not_theirs(answered: Stage) -> None:
    assert _answered(answered, "zenith") == "C-000002"
    clerk = answered.engine.registers.record("needs", "N-0001", CARL)
    assert clerk.became == []
    mine = answered.engine.registers.record("needs", "N-0001", OLGA)
    assert (mine.became, mine.reads) == ([], [])
    seen_by_all = answered.engine.registers.record("policy", "POL-0001", CARL)
    assert seen_by_all.became == []
    with pytest.raises(NotFound):
        answered.engine.registers.record("needs", "N-0002", OLGA)
    assert answered.engine.registers.record("needs", "N-0002", OTTO).body["title"] == "Need"


def test_owners_see_the_records_that_their_processes_wrote(answered: Stage) -> None:
    """OWEN owns the called process, which wrote the answer; OTIS the calling one, which wrote the need."""
    owner = Actor("owen", "Owen", frozenset({"process_owner"}), OWEN.groups)
    _close_registers(answered)
    save(answered, "answers", text="not by a case")
    service = answered.engine.registers
    assert [row.id for row in service.page("answers", owner).rows] == ["A-0001"]
    assert [each.definition.key for each in service.registers(owner)] == ["answers", "needs", "policy"]
    assert service.page("needs", owner).rows == ()
    assert service.page("policy", owner).rows == ()
    assert service.record("answers", "A-0001", owner).made_from == []
    assert [row.id for row in service.page("needs", OWNS_NOTHING).rows] == ["N-0001"]
    with pytest.raises(NotFound):
        service.record("answers", "A-0001", OWNS_NOTHING)


def _close_registers(stage: Stage) -> None:
    closed = REGISTERS
    for line in (b"    readers: [staff]\n", b"    readers: [analysts]\n", b"    maintainers: [process_owner]\n"):
        closed = closed.replace(line, b"")
    deploy(stage, registers=closed)


def test_a_write_may_be_left_out_by_its_condition(registers: Stage) -> None:
    registers.deploy(
        p__bpmn=process(
            "p",
            start("s", inner=writes("needs_1"), form="need"),
            user_task(
                "look",
                inner=reads("needs_2") + writes("needs_2"),
                properties={"needs.when": "=need.cost > 5", "needs.status": "final"},
                candidateGroups="analysts",
            ),
            end(),
            store("needs_1", "needs"),
            store("needs_2", "needs"),
            flows("s", "look", "e"),
            properties=OWNER,
            **STARTERS,
        )
    )
    for cost in (3, 7):
        registers.start("p", title="x", cost=cost)
        registers.do("look")
    versions = registers.rows("select record_id, version from record_version where register = 'needs' order by 1, 2")
    assert [tuple(row) for row in versions] == [("N-0001", 1), ("N-0002", 1), ("N-0002", 2)]
    assert registers.engine.registers.record("needs", "N-0002", BEN).status == "final"
    assert need(registers, "by form").id == "N-0003"
    assert registers.engine.registers.body("needs", "N-0002", 2, ENGINE)["cost"] == 7
