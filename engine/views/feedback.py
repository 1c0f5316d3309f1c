"""What pages are told of the question at closure and its answers; instants are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from engine.views.cases import CaseRef


@dataclass(frozen=True, slots=True)
class Question:
    """The question at the closure of a case, with the answer if there is one: `score` from 1 to 5 and a comment."""

    text: str
    may_answer: bool
    score: int | None = None
    comment: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedbackComment:
    """What somebody wrote beside their score."""

    case: CaseRef
    score: int
    comment: str
    given_at: datetime
