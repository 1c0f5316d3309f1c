"""Tests of what goes into an operation and what comes out: types, defaults, dates, sizes."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.errors import StepFailed
from engine.operations import Input, Operation, Output, ValueType
from engine.operations.values import accepted, as_arguments, result_of

RECORD = {"register": "needs", "id": "N-1", "version": 1}


def taking(kind: ValueType, **more: Any) -> Operation:
    return Operation("x", "X", "Does x.", lambda a: None, [Input("a", kind, "A.", **more)], pure=True)  # noqa: ARG005


def giving(kind: ValueType) -> Operation:
    return Operation("x", "X", "Does x.", lambda: None, [], [Output("a", kind, "A.")], pure=True)


FITTING = [
    ("text", "a"),
    ("number", 1),
    ("number", 1.5),
    ("boolean", False),
    ("date", "2026-03-02"),
    ("date-time", "2026-03-02T08:00:00Z"),
    ("list", []),
    ("context", {}),
    ("record", RECORD),
]
MISFITS = [
    ("text", 1),
    ("number", "1"),
    ("number", True),
    ("boolean", 0),
    ("date", "2026-03-02T08:00:00Z"),
    ("date", "2026-02-30"),
    ("date", 20260302),
    ("date-time", "2026-03-02"),
    ("date-time", "2026-03-02Tfoo"),
    ("list", {}),
    ("context", []),
    ("record", {"number": 1}),
    ("record", "N-1"),
]


@pytest.mark.parametrize(("kind", "value"), FITTING)
def test_values_of_the_type_are_taken(kind: ValueType, value: Any) -> None:
    assert accepted(taking(kind), {"a": value}) == {"a": value}


@pytest.mark.parametrize(("kind", "value"), MISFITS)
def test_other_values_are_refused_by_name(kind: ValueType, value: Any) -> None:
    with pytest.raises(StepFailed, match="The input 'a' of the operation 'x' has to be"):
        accepted(taking(kind), {"a": value})


def test_a_required_input_may_not_be_missing_or_null() -> None:
    for given in ({}, {"a": None}):
        with pytest.raises(StepFailed, match="missing or null"):
            accepted(taking("text"), given)


def test_an_optional_input_has_its_default_only_where_it_is_left_out() -> None:
    assert accepted(taking("text", default="d"), {}) == {"a": "d"}
    assert accepted(taking("text", default="d"), {"a": None}) == {"a": None}
    assert accepted(taking("text", default=None), {}) == {"a": None}


def test_an_unknown_input_is_refused_with_those_there_are() -> None:
    with pytest.raises(StepFailed, match="no input 'b'; it takes 'a'"):
        accepted(taking("text"), {"a": "x", "b": 1})


def test_functions_get_dates_as_python_has_them() -> None:
    assert as_arguments(taking("date"), {"a": "2026-03-02"}) == {"a": date(2026, 3, 2)}
    moment = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert as_arguments(taking("date-time"), {"a": "2026-03-02T08:00:00Z"}) == {"a": moment}
    assert as_arguments(taking("date-time"), {"a": "2026-03-02T08:00:00"}) == {"a": moment}
    assert as_arguments(taking("date", default=None), {"a": None}) == {"a": None}


def test_dates_that_a_function_returns_become_text() -> None:
    assert result_of(giving("date"), {"a": date(2026, 3, 2)}) == {"a": "2026-03-02"}
    assert result_of(giving("date-time"), {"a": datetime(2026, 3, 2, tzinfo=UTC)}) == {"a": "2026-03-02T00:00:00+00:00"}


def test_what_is_not_returned_is_null() -> None:
    assert result_of(giving("text"), None) == result_of(giving("text"), {}) == {"a": None}


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (["a"], "mapping of outputs"),
        ({"b": 1}, "does not declare"),
        ({"a": 1}, "has to be a text"),
        ({"a": object()}, "output 'a'"),
        ({"a": "x" * 1_000_001}, "characters"),
        ({"a": datetime(2026, 3, 2)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_results_are_checked(returned: Any, said: str) -> None:
    with pytest.raises(StepFailed, match=said):
        result_of(giving("text"), returned)
