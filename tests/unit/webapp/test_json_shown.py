"""Case data on a page: all of it, long values behind a line."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.json_shown import BEGINNING, MOST_LETTERS, shown

texts = st.text(max_size=20) | st.sampled_from(["pen " * 100, "x\n" * 9])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=7),
)


@settings(max_examples=50)
@given(st.dictionaries(texts, values, max_size=3))
def test_nothing_is_lost_and_no_line_is_long(variables: dict[str, Any]) -> None:
    found = shown(variables)
    assert {each.name: json.loads(each.text) for each in found} == variables
    for each in found:
        assert len(each.brief) < 6 * (BEGINNING + 3) + 40
        assert each.brief or len(each.text) <= MOST_LETTERS


@pytest.mark.parametrize(
    ("value", "brief"),
    [
        ("short", ""),
        ({"register": "needs", "id": "N-0046", "version": 1}, ""),
        ([1] * 90, "[…] with 90 entries"),
        (["x" * 200], "[…] with 1 entry"),
        ({"a": 1, "b": 2, "c": "x" * 200}, "{…} with a, b, c"),
        (dict.fromkeys("abcdefgh", "x" * 30), "{…} with a, b, c, d, e and 3 more"),
        ("pen " * 50, '"' + ("pen " * 50)[:59] + "… (200 characters)"),
    ],
)
def test_a_long_value_says_what_it_is(value: Any, brief: str) -> None:
    assert [each.brief for each in shown({"x": value})] == [brief]
