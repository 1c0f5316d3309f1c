"""What became of a figure is said by the way that is good for it."""

import pytest

from engine.evaluations.actions import effect


@pytest.mark.parametrize(
    ("then", "now", "better", "word"),
    [
        (10.0, 5.0, "lower", "better"),
        (10.0, 15.0, "lower", "worse"),
        (0.5, 0.9, "higher", "better"),
        (0.9, 0.5, "higher", "worse"),
        (3.0, 3.0, "lower", "unchanged"),
        (0.0, 0.0, "higher", "unchanged"),
        (3.0, 4.0, None, "more"),
        (4.0, 3.0, None, "less"),
        (None, 4.0, "lower", "not recorded"),
        (4.0, None, "lower", "not recorded"),
    ],
)
def test_what_became_of_a_figure_in_words(then: float | None, now: float | None, better: str | None, word: str) -> None:
    assert effect(then, now, better) == word
