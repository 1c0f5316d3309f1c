"""The errors that the engine raises on purpose; it knows nothing of HTTP or of pages.

Every error is a `ComityError`. Its text is one clear message: what is wrong, where, and how to mend it. Typed
fields hold what a caller needs to react, so that nobody has to read the text by machine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from engine.types.counting import counted

if TYPE_CHECKING:
    from engine.types import Finding


class ComityError(Exception):
    """Something was refused; nothing was changed, unless the class says otherwise."""


class DatabaseFailed(ComityError):
    """The database could not do its part. `reason` is what it said, for logs and operators; it may name machines."""

    said = "The database could not do its part."

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(self.said)


class DatabaseUnavailable(DatabaseFailed):
    """The database cannot be reached or does not answer. Nothing was saved, so trying again is safe.

    `lost` says that a connection broke that had worked: the next one may be fine.
    """

    said = "The database cannot be reached just now. Nothing was saved: try again in a while."

    def __init__(self, reason: str = "", *, lost: bool = False) -> None:
        self.lost = lost
        super().__init__(reason)


class StorageFull(DatabaseFailed):
    """The database has no room for what was to be written. Nothing was saved, so trying again is safe."""

    said = "The database has no room left. Nothing was saved: an administrator has to make room."


class OutcomeUnknown(DatabaseFailed):
    """The connection broke after the commit was sent: it was saved as a whole or not at all, and nobody can say which.

    Steps of cases find it out by themselves; whatever else was written has to be looked at before it is tried again.
    """

    said = (
        "The connection to the database broke while this was being saved. Look whether it was saved before you repeat "
        "it."
    )


class NotFound(ComityError):
    """The thing does not exist, or is not this person's to see: the two are not told apart on purpose."""

    def __init__(self, kind: str, identity: str) -> None:
        self.kind, self.identity = kind, identity
        super().__init__(f"There is no {kind} {identity!r} that you may see.")


class NotPermitted(ComityError):
    """The person may see the thing, but may not do this with it."""


class InputRefused(ComityError):
    """Submitted values break the rules of their form. `messages` has one list of sentences per field."""

    def __init__(
        self, messages: Mapping[str, Sequence[str]], summary: str = "Some answers need your attention."
    ) -> None:
        self.messages = {field: list(texts) for field, texts in messages.items()}
        super().__init__(
            summary + " " + " ".join(f"{field}: {' '.join(texts)}" for field, texts in self.messages.items())
        )


class DefinitionRefused(ComityError):
    """A deployment has findings of severity error. Nothing was deployed; `findings` says what to mend."""

    def __init__(self, findings: "Sequence[Finding]") -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity == "error"]
        super().__init__(
            f"Nothing was deployed: {counted(len(errors), 'error')}. "
            + " | ".join(str(finding) for finding in errors[:5])
        )


class ConcurrentUpdate(ComityError):
    """Somebody else changed the same thing first. `by` and `at` (UTC) say who and when, where that is known."""

    def __init__(self, what: str, by: str | None = None, at: datetime | None = None) -> None:
        self.what, self.by, self.at = what, by, at
        who = f" by {by}" if by else ""
        when = f" at {at:%Y-%m-%d %H:%M} UTC" if at else ""
        super().__init__(
            f"{what} was changed{who}{when} while you worked on it. Nothing of yours was saved: look at it anew."
        )


class CaseEnded(ConcurrentUpdate):
    """The case has ended, so that nothing in it can be changed. `status` says how, `at` (UTC) when."""

    def __init__(self, number: str, status: str, at: datetime | None = None) -> None:
        super().__init__(f"Case {number}", at=at)
        self.status = status
        when = f", {at:%Y-%m-%d %H:%M} UTC" if at else ""
        self.args = (f"Case {number} has ended ({status}{when}): nothing in it can be changed any more.",)


class TaskNotOpen(ConcurrentUpdate):
    """The task is already completed or cancelled. `state` says which, `by` and `at` who did it and when."""

    def __init__(self, task_id: str, state: str, by: str | None = None, at: datetime | None = None) -> None:
        super().__init__(f"Task {task_id}", by, at)
        self.task_id, self.state = task_id, state
        who = f" by {by}" if by else ""
        when = f" at {at:%Y-%m-%d %H:%M} UTC" if at else ""
        self.args = (f"This task was already {state}{who}{when}. Nothing of yours was saved.",)


class TaskClaimed(ConcurrentUpdate):
    """The task is claimed by somebody else (`by`, since `at`, UTC)."""

    def __init__(self, task_id: str, by: str, at: datetime | None = None) -> None:
        super().__init__(f"Task {task_id}", by, at)
        self.task_id = task_id
        when = f" since {at:%Y-%m-%d %H:%M} UTC" if at else ""
        self.args = (
            f"This task is claimed by {by}{when}. Ask them to release it, or a process owner to assign it anew.",
        )


class ExpressionRefused(ComityError):
    """An expression does not parse, or cannot be translated. `position` counts characters from 0 where it is known."""

    def __init__(self, source: str, reason: str, position: int | None = None) -> None:
        self.source, self.reason, self.position = source, reason, position
        where = f" at character {position + 1}" if position is not None else ""
        super().__init__(f"The expression {source[:120]!r} cannot be used{where}: {reason}")


class BudgetSpent(ComityError):
    """An expression, script or step needed more than its limit of steps, size or time."""


class StepFailed(ComityError):
    """A step of a case cannot run: no matching flow, a script or decision error, a spent budget.

    `element_id` and `element_name` name the BPMN element; `line` is the line within its script, if one is to blame.
    `instance` says in words which instance of an activity with several of them it was, those around it first.
    `failure_id` is the failure record that was made of it, None when there is none (a case that did not even start).
    """

    def __init__(
        self,
        reason: str,
        element_id: str | None = None,
        element_name: str | None = None,
        line: int | None = None,
        instance: str | None = None,
    ) -> None:
        self.reason, self.element_id, self.element_name, self.line = reason, element_id, element_name, line
        self.instance = instance
        self.failure_id: str | None = None
        where = f" at {element_name or element_id!r}" if element_id else ""
        where += f", {instance}" if instance else ""
        super().__init__(f"The case cannot go on{where}: {reason}" + (f" (line {line})" if line else ""))


class AmbiguousMessage(ComityError):
    """Several wait for a message with this name and key, in one case or more: nobody can say which one is meant."""

    def __init__(self, name: str, key: str | None) -> None:
        self.name, self.key = name, key
        with_key = f"the key {key!r}" if key is not None else "no key"
        super().__init__(
            f"More than one case, or more than one place in a case, waits for the message {name!r} with {with_key}. "
            "Nothing was delivered: send it with a key that only one of them has."
        )


class EvaluationOpen(ComityError):
    """An evaluation of the process is open already. `case_id` and `number` name its case, where it is known."""

    def __init__(self, process: str, case_id: str | None = None, number: str | None = None) -> None:
        self.process, self.case_id, self.number = process, case_id, number
        which = f" ({number})" if number else ""
        super().__init__(f"An evaluation of {process} is open already{which}. Finish that one first, or cancel it.")


class NotEvaluable(ComityError):
    """The process says no model by which it is evaluated, or names one that is not deployed (`model`)."""

    def __init__(self, process: str, model: str | None = None) -> None:
        self.process, self.model = process, model
        why = f"its model {model!r} is not published" if model else "its process.yaml names no model for it"
        super().__init__(f"{process} cannot be evaluated: {why}. Name the model as `evaluate` there, and publish it.")


class NotMendable(ComityError):
    """What an operator wants to do to a case would harm it. `reason` says why not, `remedy` what to do instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(f"{reason} {remedy}")


class StateRefused(ComityError):
    """A stored case cannot be read: unknown format version or damaged content."""


class CannotMove(ComityError):
    """A case cannot move to another version of its process. `problems` says why, in sentences; nothing was changed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))
