"""Owns user tasks: whose they are and by when, worked out once, when they become ready (BPMN 2.0.2, 10.3.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from engine import feel
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.activity import Activity
from engine.errors import StepFailed
from engine.json_data import told
from engine.types import Json, OpenUserTask, RecordRef

DEFAULT_PRIORITY: Final = 50
"""As Camunda has it."""

_SIGN: Final = re.compile("[,{}]")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The attributes of a user task. Lists hold one expression per name, or one that gives several."""

    assignee: feel.Expression | None = None
    users: Sequence[feel.Expression] = ()
    groups: Sequence[feel.Expression] = ()
    due: feel.Expression | None = None
    follow_up: feel.Expression | None = None
    priority: feel.Expression | None = None


def pieces(text: str) -> list[str]:
    """Cut a comma-separated attribute into its names; commas within `${...}` or after a leading `=` do not count."""
    if text.lstrip().startswith("="):
        return [text]
    cuts, commas = [-1], list[int]()
    for sign in _SIGN.finditer(text):
        if sign[0] == ",":
            commas.append(sign.start())
        else:
            cuts += commas if sign[0] == "{" else []
            commas = []
    cuts += [*commas, len(text)]
    found = (text[begin + 1 : end].strip() for begin, end in pairwise(cuts))
    return [piece for piece in found if piece]


class UserTask(Activity):
    """Waits for a person, with a form."""

    def __init__(
        self,
        *args: Any,
        form: str | None = None,
        assignment: Assignment | None = None,
        outcome: feel.Expression | None = None,
        completed_by: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, manual=True, **kwargs)
        self.form, self.assignment, self.outcome = form, assignment or Assignment(), outcome
        self.completed_by = completed_by

    def activate(self, token: Token) -> None:
        """Work out whose the task is, and let it be done."""
        has = self.assignment
        now = token.scope.case.context.now
        token.notes["task"] = {
            "assignee": self._text(has.assignee, token, "The assignee"),
            **self.offered(token),
            **self.dates(token, now),
            "priority": self._priority(token),
            "began": now.isoformat(),
        }
        token.scope.case.to_show.append(token)
        super().activate(token)

    def offered(self, token: Token) -> dict[str, list[str]]:
        """Return to whom the model offers the task, as the case stands now. Raises `StepFailed`."""
        has = self.assignment
        return {
            "users": self._names(has.users, token, "The candidate users"),
            "groups": self._names(has.groups, token, "The candidate groups"),
        }

    def fill(
        self,
        token: Token,
        values: Mapping[str, Json],
        shown: Sequence[RecordRef],
        shown_values: Mapping[str, Json],
    ) -> None:
        """Take in what a person brings: values of the form, and the record versions that it showed (none: as bound).

        `shown_values` are the variables with which the form was filled (decision 22); of those that it does not bring
        nothing is believed. Who it is goes under the variable that the model names, whatever the form says of it.
        """
        if shown and self.registers is not None:
            self.registers.show(token, shown)
        variables = Variables(token)
        variables.note_shown({name: value for name, value in shown_values.items() if name in values})
        variables.bring({name: value for name, value in values.items() if name != self.completed_by})
        if self.completed_by is not None:
            actor = token.scope.case.context.actor
            by: Json = {"id": actor.user_id, "name": actor.name, "organisation": actor.organisation_id}
            variables.set({self.completed_by: by})

    def perform(self, token: Token) -> None:
        """Note the outcome that the log keeps."""
        if self.outcome is not None:
            value = self.value(self.outcome, token)
            if value is not None:
                token.notes["outcome"] = str(value)

    def show(self, token: Token) -> None:
        """Note that people see the data as they are now; what the inputs were made from was there when it began."""
        made = set[str]() if self.mappings is None else self.mappings.made_from()
        token.unseen = {name: seen for name, seen in token.unseen.items() if name in made}

    def open_task(self, token: Token) -> OpenUserTask:
        """Return the task as the worklist shows it."""
        noted = token.notes["task"]
        reads = (RecordRef.from_json(ref) for ref in token.notes.get("reads", ()))
        return OpenUserTask(
            task_id=str(token.id),
            process_key=self.process_key,
            element_id=self.name,
            name=self.label,
            form_key=self.form,
            assignee=noted["assignee"],
            candidate_users=tuple(noted["users"]),
            candidate_groups=tuple(noted["groups"]),
            due_at=_instant(noted["due"]),
            follow_up_at=_instant(noted["follow_up"]),
            priority=noted["priority"],
            lane=self.drawn.lane,
            reads=tuple(ref for ref in reads if ref is not None),
            documentation=self.drawn.documentation,
        )

    def _text(self, expression: feel.Expression | None, token: Token, what: str) -> str | None:
        value = None if expression is None else self.value(expression, token)
        if value is None or isinstance(value, str):
            return value or None
        raise StepFailed(f"{what} {expression.source!r} gives {told(value)}, no text." if expression else what)

    def _names(self, expressions: Sequence[feel.Expression], token: Token, what: str) -> list[str]:
        found: list[str] = []
        for expression in expressions:
            value = self.value(expression, token)
            names = value if isinstance(value, list) else [] if value is None else pieces(str(value))
            if not all(isinstance(name, str) for name in names):
                raise StepFailed(f"{what} {expression.source!r} gives {told(value)}, no list of names.")
            found += names
        return list(dict.fromkeys(found))

    def dates(self, token: Token, began: datetime) -> dict[str, str | None]:
        """Return the due and the follow-up date of a task that is open since `began` (aware), ISO 8601 in UTC."""
        has = self.assignment
        return {"due": self._moment(has.due, token, began), "follow_up": self._moment(has.follow_up, token, began)}

    def _moment(self, expression: feel.Expression | None, token: Token, began: datetime) -> str | None:
        value = None if expression is None else self.value(expression, token, now=began)
        return None if value is None else feel.to_instant(value, began).isoformat()

    def _priority(self, token: Token) -> int:
        value = None if self.assignment.priority is None else self.value(self.assignment.priority, token)
        if value is None:
            return DEFAULT_PRIORITY
        try:
            return int(str(value))
        except ValueError:
            raise StepFailed(f"The priority gives {told(value)}, no whole number.") from None


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
