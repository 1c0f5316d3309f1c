"""How figures read: two units at most, nothing rounded to what it is not, changes in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.performance.amounts import LIGHTS, amount, change, length, measure_anchor, percent


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.3, "under 1 s"),
        (1, "1 s"),
        (59.4, "59 s"),
        (59.9, "1 min"),
        (90, "2 min"),
        (3_599, "1 h"),
        (3_600, "1 h"),
        (5_400, "1 h 30 min"),
        (86_399, "1 d"),
        (86_400, "1 d"),
        (3 * 86_400 + 4 * 3_600, "3 d 4 h"),
        (1_000 * 86_400, "1,000 d"),
        (-5_400, "-1 h 30 min"),
    ],
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert length(seconds) == words


@given(st.floats(min_value=0, max_value=1e10))
def test_a_length_never_names_a_whole_of_the_next_unit(seconds: float) -> None:
    said = length(seconds)
    assert not {"60 s", "60 min", "24 h"} & {said, said.partition(" h ")[2], said.partition(" d ")[2]}


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1, "100 %"), (0.9999, "over 99.9 %"), (0.0001, "under 0.1 %"), (0.896, "89.6 %"), (0.5, "50 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "seconds", "not recorded"),
        (0, "cases", "0 cases"),
        (1, "cases", "1 case"),
        (1, "people", "1 person"),
        (1, "requests", "1 request"),
        (1234, "cases", "1,234 cases"),
        (90, "minutes", "1 h 30 min"),
        (0, "minutes", "0 min"),
        (120, "minutes", "2 h"),
        (43_000, "minutes", "716 h 40 min"),
        (4.16, "score", "4.2 of 5"),
        (3, "", "3"),
        (2.5, "kWh", "2.5 kWh"),
        (0.04, "requests", "under 0.1 requests"),
        (0.1, "requests", "0.1 requests"),
    ],
)
def test_amounts_carry_their_unit_in_words(value: float | None, unit: str, words: str) -> None:
    assert amount(value, unit) == words


@pytest.mark.parametrize(
    ("now", "before", "unit", "words"),
    [
        (None, 1, "cases", ""),
        (1, None, "cases", ""),
        (5, 5, "cases", "unchanged"),
        (86_400, 86_401, "seconds", "unchanged"),
        (7, 5, "cases", "2 cases more"),
        (4, 5, "cases", "1 case fewer"),
        (3_600, 7_200, "seconds", "1 h less"),
        (0.9, 0.8, "share", "10 points more"),
        (3.9, 4.2, "score", "0.3 less"),
        (3.94, 3.16, "score", "0.7 more"),
        (1, 2, "requests", "1 request fewer"),
        (1.36, 1.33, "times", "0.1 times more"),
        (0.04, 0, "requests", "slightly more"),
        (0.0004, 0, "share", "slightly more"),
        (1.2, 1.75, "times", "0.6 times fewer"),
    ],
)
def test_changes_are_told_in_words(now: float | None, before: float | None, unit: str, words: str) -> None:
    assert change(now, before, unit) == words


def test_every_light_has_a_sign_and_a_word_of_its_own() -> None:
    assert len({light.sign for light in LIGHTS.values()}) == len(LIGHTS)
    assert len({light.word for light in LIGHTS.values()}) == len(LIGHTS)


def test_own_measures_are_told_apart_by_their_process() -> None:
    assert measure_anchor("cycle_time", "a21") == "cycle_time"
    assert measure_anchor("rounds", "a21") == "own-a21-rounds"
