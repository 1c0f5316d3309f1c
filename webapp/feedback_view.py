"""Owns how the question at closure is shown: the answers in words, what was chosen, what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.views.feedback import Question
from webapp.form_view import Mistake

SCORES: Final[Mapping[int, str]] = {
    5: "Very satisfied",
    4: "Satisfied",
    3: "Neither satisfied nor dissatisfied",
    2: "Dissatisfied",
    1: "Very dissatisfied",
}
"""The scores in words, in the order in which they are offered."""

LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """The question for a template; `score` and `comment` are what the form holds, `errors` sentences by field."""

    question: Question
    score: int | None
    comment: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scores: Mapping[int, str] = field(default_factory=lambda: SCORES)
    longest: int = LONGEST

    @property
    def mistakes(self) -> list[Mistake]:
        """Return the lines of the error summary."""
        targets = {"score": f"score-{next(iter(SCORES))}", "comment": "feedback-comment"}
        return [Mistake(targets.get(name, ""), text) for name, texts in self.errors.items() for text in texts]


def as_given(question: Question | None) -> FeedbackView | None:
    """Return the question with the answer that stands, if any; nothing is chosen beforehand."""
    return None if question is None else FeedbackView(question, question.score, question.comment or "")


def score_of(text: str | None) -> int | None:
    """Return the score that a form sent, None for none or for something else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) == 1 else None
