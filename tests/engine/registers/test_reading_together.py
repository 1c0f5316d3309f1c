"""What a step may ask for is read in one statement, and nothing that it is told differs from asking one by one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import NotFound
from engine.registers.access import RegisterAccess
from engine.registers.options import ActorOptions
from engine.types import ENGINE, RecordRef
from tests.engine.stage import ANN, Stage
from tests.engine.test_cost import counted
from tests.engine.test_records import deploy_needs

RECORDS, VERSIONS = 3, 3
WRONG = [
    RecordRef("needs", "N-0001", 0),
    RecordRef("needs", "N-0001", 99),
    RecordRef("needs", "N-0001", 10**30),
    RecordRef("needs", "N-0001", -1),
    RecordRef("needs", "nobody", 1),
    RecordRef("needs", "N-\x00", 1),
    RecordRef("nowhere", "N-0001", 1),
]
REFS = st.sampled_from(
    [RecordRef("needs", f"N-{n:04}", version) for n in range(1, RECORDS + 1) for version in range(1, VERSIONS + 1)]
    + [ref for ref in WRONG if 0 <= ref.version < 2**31 and "\0" not in ref.id]
)


@pytest.fixture
def filled(stage: Stage) -> Stage:
    """Three needs with three versions each."""
    deploy_needs(stage)
    for number in range(1, RECORDS + 1):
        for version in range(VERSIONS):
            base = version or None
            identity = f"N-{number:04}" if base else None
            stage.engine.registers.save("needs", identity, {"title": f"{number} {version}"}, base=base, actor=ENGINE)
    return stage


def answer(access: RegisterAccess, body: bool, ref: RecordRef) -> object:
    try:
        return access.body(ref) if body else access.current(ref.register, ref.id)
    except NotFound as error:
        return str(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expected=st.lists(REFS | st.sampled_from(WRONG)), asked=st.lists(st.tuples(st.booleans(), REFS)))
def test_nothing_differs_from_asking_one_by_one(
    filled: Stage, expected: list[RecordRef], asked: list[tuple[bool, RecordRef]]
) -> None:
    with filled.engine.database.read() as connection:
        together = RegisterAccess(connection)
        together.expect(expected)
        for body, ref in asked:
            alone = RegisterAccess(connection)
            assert answer(together, body, ref) == answer(alone, body, ref)


def test_all_that_is_expected_is_read_with_the_first(filled: Stage) -> None:
    held = [RecordRef("needs", f"N-{number:04}", 1) for number in range(1, RECORDS + 1)]
    with filled.engine.database.read() as connection, counted(filled) as counts:
        access = RegisterAccess(connection)
        access.expect(held)
        assert counts["statements"] == 0
        for ref in held:
            newest = access.current(ref.register, ref.id)
            assert newest is not None
            assert newest.version == VERSIONS
            assert access.body(ref)["version"] == 1
            assert access.body(newest)["version"] == VERSIONS
        assert counts["statements"] == 1


def test_however_many_a_case_holds_the_one_that_is_asked_for_is_there(filled: Stage) -> None:
    with filled.engine.database.read() as connection:
        access = RegisterAccess(connection)
        access.expect(RecordRef("needs", "N-0001", version) for version in range(1, 40_000))
        access.expect(RecordRef("needs", f"X-{number}", 1) for number in range(40_000))
        access.expect([RecordRef("needs", "N-0002", 1)])
        assert access.body(RecordRef("needs", "N-0001", 2))["title"] == "1 1"
        assert access.body(RecordRef("needs", "N-0002", 1))["title"] == "2 0"


def test_a_record_that_a_field_names_costs_one_statement(stage: Stage) -> None:
    """The register is known to the step; the record is looked up, as far as the person may see it."""
    field = {"type": "select", "key": "of", "label": "Of", "properties": {"register": "needs"}}
    deploy_needs(stage, field)
    for _ in range(3):
        stage.start(title="One")
    warm, plain, naming = (row.id for row in stage.tasks())
    spent = []
    for task_id, values in ((warm, {"of": "N-0001"}), (plain, {}), (naming, {"of": "N-0001"})):
        (read,) = stage.engine.tasks.get(task_id, ANN).reads
        with counted(stage) as counts:
            stage.engine.tasks.complete(task_id, {"title": "x", **values}, actor=ANN, shown=[read.ref])
        spent.append(counts["statements"])
    assert spent[2] == spent[1] + 1


def test_options_within_a_step_are_those_of_a_page(filled: Stage) -> None:
    with filled.engine.database.read() as connection:
        within = ActorOptions(filled.engine.database, ANN, RegisterAccess(connection))
        alone = filled.engine.registers.options(ANN)
        for register in ("needs", "nowhere"):
            assert within.options(register) == alone.options(register)
            assert within.label(register, "N-0001") == alone.label(register, "N-0001")
        assert len(within.options("needs")) == RECORDS
