"""What the fields of a page are offered is what a source that reads anew says; it is read once, in one transaction."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ComityError
from engine.registers import options as plain_options
from engine.registers import page_options
from engine.registers.page_options import PageOptions
from engine.types import ENGINE
from tests.engine.registers.world import need, save
from tests.engine.stage import ANN, CARL, OLGA, Stage
from tests.engine.test_cost import counted

ROOM = 3
STATUSES: tuple[tuple[str, ...], ...] = ((), ("new",), ("new", "final"))
VALUES = st.sampled_from(["N-0001", "N-0002", "N-0003", "N-0004", "N-0005", "nobody", "", "acme", "zenith", "A-0001"])
QUESTIONS = st.lists(
    st.tuples(
        st.booleans(), st.sampled_from(["needs", "customers", "answers", "nowhere"]), VALUES, st.sampled_from(STATUSES)
    ),
    max_size=12,
)


@pytest.fixture
def filled(registers: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Five needs, more than a list has room for, and one answer."""
    for module in (plain_options, page_options):
        monkeypatch.setattr(module, "OPTIONS_SHOWN", ROOM)
    for number in range(5):
        organisation = "zenith" if number % 2 else "acme"
        registers.engine.registers.save(
            "needs",
            None,
            {"title": f"need {number}", "organisation": organisation},
            status=("new", "final", None)[number % 3],
            actor=ENGINE,
        )
    save(registers, "answers", text="for analysts")
    return registers


@pytest.fixture
def options(filled: Stage) -> Iterator[PageOptions]:
    made = filled.engine.registers.page_options(ANN)
    yield made
    made.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions=QUESTIONS, actor=st.sampled_from([ANN, CARL, OLGA, ENGINE]))
def test_nothing_differs_from_reading_anew(
    filled: Stage, questions: list[tuple[bool, str, str, tuple[str, ...]]], actor: object
) -> None:
    anew, page = filled.engine.registers.options(actor), filled.engine.registers.page_options(actor)  # type: ignore[arg-type]
    for words, register, value, statuses in questions:
        if words:
            assert page.label(register, value, statuses) == anew.label(register, value, statuses)
        else:
            assert page.options(register, statuses) == anew.options(register, statuses)
    page.close()


def test_each_list_is_read_once(filled: Stage, options: PageOptions) -> None:
    with counted(filled) as counts:
        for _ in range(3):
            assert len(options.options("needs")) == ROOM
            assert len(options.options("customers")) == 2
            assert options.options("nowhere") == []
            assert options.measures("", "measures")
    assert counts["statements"] == 3  # the registers, and the two lists


def test_the_words_for_many_records_are_read_together(filled: Stage, options: PageOptions) -> None:
    with counted(filled) as counts:
        assert options.label("customers", "acme") == "Acme"
    assert counts["statements"] == 2  # the registers, and the one record
    with counted(filled) as counts:
        assert [options.label("customers", code) for code in ("acme", "zenith", "none", "nil")] == [
            "Acme",
            "Zenith",
            None,
            None,
        ]
    assert counts["statements"] == 1


def test_a_page_sees_one_state_of_the_registers(filled: Stage, options: PageOptions) -> None:
    assert len(options.options("customers")) == 2
    filled.engine.registers.save("customers", None, {"code": "late", "name": "Late"}, actor=ENGINE)
    need(filled, "0 later")
    assert options.label("customers", "late") is None
    assert "0 later" not in str(options.options("needs"))
    options.close()
    assert options.label("customers", "late") == "Late"
    assert "0 later" in str(options.options("needs"))


def test_it_goes_on_after_something_that_the_database_does_not_take(filled: Stage, options: PageOptions) -> None:
    assert options.label("needs", "N-0001")
    try:
        options.label("needs", "N-\0")
    except ComityError:
        assert filled.engine.database.dialect == "postgresql"
    assert options.label("needs", "N-0002") == "need 1 (N-0002)"


def test_its_connection_goes_back_when_it_is_closed_or_fails(filled: Stage, options: PageOptions) -> None:
    pool = filled.engine.database.engine.pool
    assert isinstance(pool, sa.QueuePool)
    options.options("needs")
    assert pool.checkedout() == 1
    options.close()
    options.close()
    assert pool.checkedout() == 0
    options.options("needs")
    with pytest.raises(ZeroDivisionError), options._reading():
        raise ZeroDivisionError
    assert pool.checkedout() == 0
