"""Owns the FeedbackService: the question that the originator of a completed case is asked, and its answers.

Which question, and whether any, the managed process says (engine.metrics.process). The score stands in the log, so that
figures can be computed from it again; the comment stands here only, for its author and the owners of the process.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import events, managed, policy
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.persistence import models, store
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database
from engine.recorder import event_row
from engine.types import Actor
from engine.unit_of_work.unit import UnitOfWork
from engine.views import CaseRef
from engine.views.feedback import FeedbackComment, Question

SCORES: Final = range(1, 6)
"""From very dissatisfied to very satisfied."""

LONGEST_COMMENT: Final = 2_000
MOST_COMMENTS: Final = 200

_FEEDBACK: Final = sql.table(models.Feedback)
_SUMMARY: Final = sql.table(models.CaseSummary)
_MARK: Final = sql.table(models.SummedDay)
_INSTANCE: Final = sql.INSTANCE
_GIVEN: Final = select(_FEEDBACK.c.score, _FEEDBACK.c.comment, _FEEDBACK.c.given_at).where(
    _FEEDBACK.c.instance_id == bindparam("instance")
)
_NOTE: Final = (
    update(_SUMMARY)
    .where(_SUMMARY.c.instance_id == bindparam("instance"))
    .values(feedback=bindparam("new_score"))
    .returning(_SUMMARY.c.definition_key, _SUMMARY.c.ended_on)
)
_DROP_MARK: Final = delete(_MARK).where(
    _MARK.c.definition_key == bindparam("of_definition"), _MARK.c.day == bindparam("of_day")
)
_UNANSWERED: Final = (
    select(_INSTANCE.c.id)
    .join_from(_INSTANCE, _FEEDBACK, _FEEDBACK.c.instance_id == _INSTANCE.c.id, isouter=True)
    .where(
        _INSTANCE.c.id.in_(bindparam("ids", expanding=True)),
        _INSTANCE.c.definition_key.in_(bindparam("asking", expanding=True)),
        _INSTANCE.c.status == "completed",
        or_(
            _INSTANCE.c.originator == bindparam("user"),
            _INSTANCE.c.originator.is_(None) & (_INSTANCE.c.started_by == bindparam("user")),
        ),
        _FEEDBACK.c.instance_id.is_(None),
    )
)


def _write_answer(new: Any) -> Any:
    inserted = new(_FEEDBACK)
    changed = {name: inserted.excluded[name] for name in ("score", "comment", "given_by", "given_at")}
    return inserted.on_conflict_do_update(index_elements=["instance_id"], set_=changed)


_ANSWER: Final[Mapping[str, Any]] = {
    "sqlite": _write_answer(sqlite.insert),
    "postgresql": _write_answer(postgresql.insert),
}


class FeedbackService:
    """Answers to the question at closure."""

    def __init__(self, database: Database, work: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._database, self._work, self._clock = database, work, clock

    def question(self, instance_id: str, actor: Actor) -> Question | None:
        """Return the question that a completed case ends with, and its answer.

        None when there is none, or for people whom it does not concern: it is for who answers, and for the owners of
        the process. Raises `NotFound`.
        """
        with self._database.read() as connection:
            row = self._case(connection, instance_id, actor)
            if row.status != "completed":
                return None
            process, answers = managed.of_definition(connection, row.definition_key), _answers(actor, row)
            if process.feedback is None or not (answers or _owns(connection, actor, process)):
                return None
            given = connection.execute(_GIVEN, {"instance": instance_id}).one_or_none()
        if given is None:
            return Question(process.feedback, answers)
        return Question(process.feedback, answers, given.score, given.comment, given.given_at)

    def welcome(self, instance_ids: Collection[str], actor: Actor) -> frozenset[str]:
        """Return which of these cases wait for an answer of the actor's."""
        with self._database.read() as connection:
            asking = [key for each in managed.load(connection).values() if each.feedback for key in each.cases]
            if not asking or not instance_ids:
                return frozenset()
            wanted = {"ids": sorted(instance_ids), "asking": asking, "user": actor.user_id}
            return frozenset(connection.execute(_UNANSWERED, wanted).scalars())

    def give(self, instance_id: str, score: int | None, comment: str | None, *, actor: Actor) -> None:
        """Answer the question, or change the answer: `score` from 1 to 5, with a comment of up to 2,000 characters.

        Raises `NotFound`, `NotPermitted` for others than the originator (the starter, where no originator is known) and
        for cases that are not completed, `InputRefused`.
        """
        with self._database.read() as connection:
            row = self._case(connection, instance_id, actor)
            if managed.of_definition(connection, row.definition_key).feedback is None:
                raise NotPermitted("No question is asked at the end of this case.")
            if not _answers(actor, row):
                raise NotPermitted("Only who handed the case in may answer.")
            if row.status != "completed":
                raise NotPermitted("The question is asked when the case is completed.")
            accepted, words = _accepted(score, comment)
            given = connection.execute(_GIVEN, {"instance": instance_id}).one_or_none()
            if given is not None and (given.score, given.comment) == (accepted, words):
                return
            loaded = store.load_case(connection, instance_id)
            if loaded is None:
                raise NotFound("case", instance_id)
            case = self._work.case(connection, loaded)
        now = self._clock()
        answer = {
            "instance_id": instance_id,
            "score": accepted,
            "comment": words,
            "given_by": actor.user_id,
            "given_at": now,
        }
        told = event_row(case, events.FEEDBACK_GIVEN, actor.user_id, now, detail={"score": accepted})
        with self._database.write() as connection:
            connection.execute(_ANSWER[self._database.dialect], answer)
            store.add(connection, sql.NEW_EVENTS, [told])
            # The row of the case before the mark of its day: engine.measuring.days relies on this order.
            noted = connection.execute(_NOTE, {"instance": instance_id, "new_score": accepted}).one_or_none()
            if noted is not None:
                day = {"of_definition": noted.definition_key, "of_day": noted.ended_on}
                connection.execute(_DROP_MARK, day)

    def comments(self, process: str, period: Period, actor: Actor) -> tuple[FeedbackComment, ...]:
        """Return what was written beside the scores in a period, newest first, at most 200.

        `process` is the key of a managed process or of a definition. Only its owners read them, and only of cases that
        they may see; raises `NotFound`.
        """
        with self._database.read() as connection:
            found = managed.load(connection).get(process) or managed.of_definition(connection, process)
            if not _owns(connection, actor, found):
                raise NotFound("process", process)
            query = (
                select(
                    _FEEDBACK.c.score,
                    _FEEDBACK.c.comment,
                    _FEEDBACK.c.given_at,
                    _INSTANCE.c.id,
                    _INSTANCE.c.number,
                    _INSTANCE.c.title,
                    _INSTANCE.c.status,
                )
                .join_from(_FEEDBACK, _INSTANCE, _INSTANCE.c.id == _FEEDBACK.c.instance_id)
                .where(
                    _INSTANCE.c.definition_key.in_(found.cases),
                    policy.cases_visible(actor),
                    _FEEDBACK.c.given_at >= period.start,
                    _FEEDBACK.c.given_at < period.end,
                    _FEEDBACK.c.comment.is_not(None),
                )
                .order_by(_FEEDBACK.c.given_at.desc(), _INSTANCE.c.id)
                .limit(MOST_COMMENTS)
            )
            rows = connection.execute(query).all()
        return tuple(
            FeedbackComment(CaseRef(row.id, row.number, row.title, row.status), row.score, row.comment, row.given_at)
            for row in rows
        )

    def _case(self, connection: Connection, instance_id: str, actor: Actor) -> AnyRow:
        query = select(
            _INSTANCE.c.definition_key, _INSTANCE.c.status, _INSTANCE.c.originator, _INSTANCE.c.started_by
        ).where(_INSTANCE.c.id == instance_id, policy.cases_visible(actor))
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("case", instance_id)
        return row


def _answers(actor: Actor, row: AnyRow) -> bool:
    """Return whether the question is the actor's: of the originator, or of who started a case that names none."""
    return bool(actor.user_id == (row.originator or row.started_by))


def _owns(connection: Connection, actor: Actor, process: ManagedProcess) -> bool:
    return policy.owns(actor, managed.owner_group(connection, process))


def _accepted(score: int | None, comment: str | None) -> tuple[int, str | None]:
    wrong: dict[str, list[str]] = {}
    words = (comment or "").replace("\r\n", "\n").strip() or None
    if score not in SCORES:
        wrong["score"] = ["Choose how satisfied you are."]
    if words is not None and len(words) > LONGEST_COMMENT:
        wrong["comment"] = [f"Enter at most {LONGEST_COMMENT:,} characters; these are {len(words):,}."]
    if score is None or wrong:
        raise InputRefused(wrong)
    return score, words
