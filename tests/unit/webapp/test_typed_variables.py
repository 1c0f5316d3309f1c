"""Typed variables of Camunda 7: whatever is sent, each comes out of its type, or is named in the refusal."""

import math
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputRefused
from webapp.rest.variables import values

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["String", "Boolean", "Integer", "Long", "Double", "Date", "Json", "Null", "File", "", None])
VARIABLE = st.fixed_dictionaries({}, optional={"value": ANYTHING, "type": TYPES, "valueInfo": ANYTHING}) | ANYTHING


@given(st.dictionaries(st.text(max_size=6), VARIABLE, max_size=3) | ANYTHING)
def test_whatever_is_sent_is_read_or_refused_by_name(sent: Any) -> None:
    told: set[str] = set()
    found: dict[str, Any] = {}
    try:
        found = values(sent)
    except InputRefused as refused:
        told = set(refused.messages)
    if isinstance(sent, dict):
        assert told <= set(sent) if told else set(found) == set(sent)
    else:
        assert (told, found) == (set() if sent is None else {"variables"}, {})


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("String", "a", "a"),
        ("string", "a", "a"),
        ("Boolean", False, False),
        ("Long", 2**60, 2**60),
        ("Double", 1.5, 1.5),
        ("Double", 1, 1),
        ("Date", "2026-03-02T08:00:00.000+0100", "2026-03-02T08:00:00+01:00"),
        ("Json", '{"a": [1]}', {"a": [1]}),
        ("Null", None, None),
        ("Integer", None, None),
    ],
)
def test_values_of_their_types(kind: str, value: object, found: object) -> None:
    assert values({"x": {"value": value, "type": kind}}) == {"x": found}


@pytest.mark.parametrize("number", ["1e999", "NaN"])
def test_what_is_no_number_is_left_to_the_form(number: str) -> None:
    (found,) = values({"x": {"value": float(number), "type": "Double"}}).values()
    assert not math.isfinite(found)


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(InputRefused):
        values({"x": {"value": datetime(2026, 3, 2, 8, 0).isoformat(), "type": "Date"}})  # noqa: DTZ001 - the point
