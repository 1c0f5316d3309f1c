"""What becomes of a row before a form checks it."""

from datetime import UTC, datetime

import pytest

from engine.errors import ExpressionRefused
from engine.imports.mapping import RowMapping, digest

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def test_fields_come_from_columns_constants_and_expressions() -> None:
    mapping = RowMapping(
        {"text": "Requirement text"}, {"channel": "survey"}, {"title": "substring(Requirement_text, 1, 3)"}
    )
    assert mapping.values({"Requirement text": "abcdef"}, NOW) == {
        "text": "abcdef",
        "channel": "survey",
        "title": "abc",
    }


def test_an_empty_cell_gives_no_value() -> None:
    assert RowMapping({"text": "T"}).values({"T": "  "}, NOW) == {}


def test_text_like_a_formula_is_kept_as_it_is() -> None:
    assert RowMapping({"text": "T"}).values({"T": "=1+1"}, NOW) == {"text": "=1+1"}


def test_an_expression_that_does_not_parse_is_refused_before_any_row() -> None:
    with pytest.raises(ExpressionRefused):
        RowMapping(computed={"title": "1 +"}).check(["T"])


def test_the_same_values_have_one_digest_whatever_their_order() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
