"""How a text becomes the words that it is found by."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.search_words import LONGEST_WORD, MOST_WORDS, searchable, significant, singular, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Reminders by E-Mail!", ["reminders", "by", "e", "mail"]),
        ("ÜBERSICHT für Straße", ["ubersicht", "fur", "strasse"]),
        ("a_b 100% C\\D", ["a", "b", "100", "c", "d"]),
        ("\0 \ud800 '\"*()", []),
        ("x" * 90, ["x" * LONGEST_WORD]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("reminders", "reminder"),
        ("bodies", "body"),
        ("boxes", "boxe"),
        ("status", "status"),
        ("glass", "glass"),
        ("gas", "gas"),
    ],
)
def test_a_plural_is_brought_to_its_singular(word: str, found: str) -> None:
    assert singular(word) == found


def test_only_words_that_say_something_count_each_once() -> None:
    assert significant("We need reminders: the reminder for all 3 appointments, please") == ["reminder", "appointment"]


def test_a_record_is_found_by_its_number_and_by_every_text_in_it() -> None:
    body = {
        "title": "Opening hours",
        "rows": [{"note": "Holidays"}],
        "cost": 5,
        "none": None,
        "group": {"deep": "Well"},
    }
    assert searchable("N-0001", body) == "n 0001 opening hours hour holidays holiday well"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_whatever_a_body_holds_its_words_can_be_stored_and_are_bounded(body: dict[str, Any]) -> None:
    text = searchable("X-1", body)
    text.encode()
    assert text == text.lower()
    assert len(text.split()) <= MOST_WORDS
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for word in text.split())


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    words = list(words_of(text))
    assert list(words_of(" ".join(words))) == words
    assert set(significant(text)) <= set(searchable("", {"text": text}).split())
