"""Scripted walks: what people do in a case, step by step, through the same services as the pages; it judges nothing.

The grammar is described in workflows/demo/README.md; scenarios of the models use it with expectations besides.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from engine import feel
from engine.errors import ComityError
from engine.metrics.periods import Period
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Json
from engine.views import CaseDetail, CaseRef

_STEPS: Final = ("start", "complete", "claim", "comment", "message", "hand_over", "feedback", "withdraw", "support")


class WalkFailed(ComityError):
    """A scripted step does not fit the case, such as a task that is not open."""


class SetClock:
    """A clock that stands until it is set; instants are UTC."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant that was set."""
        return self.now

    def set_back(self, ago: str, end: datetime) -> None:
        """Set the clock to the time `ago` (ISO 8601 duration) before `end`."""
        self.now = feel.to_instant(f"-{ago}", end)


class Walk:
    """One case and what happens in it. `end` is the instant that `ago` counts back from."""

    def __init__(self, engine: ProcessEngine, clock: SetClock, end: datetime) -> None:
        self._engine, self._clock, self._end = engine, clock, end
        self.case: CaseRef | None = None

    def start(self, script: Mapping[str, Any]) -> CaseRef:
        """Start a case as `script` says (process, by, values, channel, ago); the first is the walk's own case.

        With `evaluate` (a managed process, `days`, `by`) it is the evaluation of that process.
        """
        self._wait(script)
        started = self._evaluate(script) if "evaluate" in script else self._begin(script)
        if self.case is None:
            self.case = started
        return started

    def step(self, script: Mapping[str, Any]) -> None:
        """Do one step (workflows/demo/README.md lists them); raise `WalkFailed` if it does not fit."""
        self._wait(script)
        for kind in _STEPS:
            if kind in script:
                getattr(self, f"_{kind}")(script)
                return
        raise WalkFailed(f"A step says none of the things there are to do: {dict(script)}")

    def detail(self) -> CaseDetail:
        """Return the walk's case as it stands."""
        return self._engine.history.case(self._own().id, ENGINE)

    def _own(self) -> CaseRef:
        if self.case is None:
            raise WalkFailed("The walk has no case yet: it begins with a start.")
        return self.case

    def _wait(self, script: Mapping[str, Any]) -> None:
        ago = script.get("ago")
        if ago:
            self._clock.set_back(ago, self._end)
            self._engine.management.run_due()

    def _start(self, script: Mapping[str, Any]) -> None:
        inner = script["start"]
        self._wait(inner)
        self._begin(inner)

    def _begin(self, script: Mapping[str, Any]) -> CaseRef:
        return self._engine.runtime.start(
            script["process"],
            self._values(script.get("values", {})),
            actor=self._engine.identity.actor(script["by"]),
            channel=script.get("channel"),
        )

    def _evaluate(self, script: Mapping[str, Any]) -> CaseRef:
        """Open the evaluation of a process in the period that ends with the day before, `days` long."""
        last = self._clock.now.astimezone(UTC).date() - timedelta(days=1)
        period, actor = Period.of_days(script["days"], last), self._engine.identity.actor(script["by"])
        return self._engine.evaluations.open(script["evaluate"], period, actor=actor)

    def _complete(self, script: Mapping[str, Any]) -> None:
        actor = self._engine.identity.actor(script["by"])
        task_id = self._task(script["complete"], script["by"])
        shown = [record.ref for record in self._engine.tasks.get(task_id, actor).reads]
        values = self._values(script.get("values", {}))
        self._engine.tasks.complete(task_id, values, actor=actor, shown=shown, effort_minutes=script.get("effort"))

    def _claim(self, script: Mapping[str, Any]) -> None:
        self._engine.tasks.claim(
            self._task(script["claim"], script["by"]), actor=self._engine.identity.actor(script["by"])
        )

    def _comment(self, script: Mapping[str, Any]) -> None:
        self._engine.runtime.comment(
            self._own().id,
            script["comment"],
            script.get("audience", "everyone"),
            actor=self._engine.identity.actor(script["by"]),
        )

    def _message(self, script: Mapping[str, Any]) -> None:
        actor = self._engine.identity.actor(script["by"]) if script.get("by") else ENGINE
        payload, key = self._values(script.get("payload", {})), self._value(script.get("key"))
        self._engine.runtime.send_message(script["message"], key, payload, actor=actor)

    def _hand_over(self, script: Mapping[str, Any]) -> None:
        own, after = self._own(), None
        while True:
            page = self._engine.management.outbox(ENGINE, state="pending", after=after, limit=200)
            for row in page.rows:
                if row.case.id == own.id and row.name == script["hand_over"]:
                    self._engine.management.hand_over(row.id, actor=self._engine.identity.actor(script["by"]))
                    return
            after = page.next
            if after is None:
                raise WalkFailed(f"Case {own.number} has no pending message {script['hand_over']!r}.")

    def _feedback(self, script: Mapping[str, Any]) -> None:
        actor = self._engine.identity.actor(script["by"])
        self._engine.feedback.give(self._own().id, script["feedback"], script.get("saying"), actor=actor)

    def _withdraw(self, script: Mapping[str, Any]) -> None:
        actor = self._engine.identity.actor(script["by"])
        self._engine.runtime.withdraw(self._own().id, script["withdraw"], actor=actor)

    def _support(self, script: Mapping[str, Any]) -> None:
        record, actor = self._value({"record": script["support"]}), self._engine.identity.actor(script["by"])
        note, organisation = script.get("saying", ""), script.get("organisation")
        self._engine.support.support(script["support"], record, actor=actor, note=note, organisation=organisation)

    def _task(self, element_id: str, by: str) -> str:
        """Return the open task of an element; of several the one that `by` has, else a free one of their groups."""
        case, groups = self.detail(), self._engine.identity.actor(by).groups
        tasks = [task for task in case.tasks if task.element_id == element_id]
        tasks.sort(key=lambda task: groups.isdisjoint(task.groups))
        tasks.sort(key=lambda task: 1 if task.assignee is None else 2 * (task.assignee.id != by))
        found = [task.id for task in tasks]
        if not found:
            there = ", ".join(task.element_id for task in case.tasks) or "none"
            raise WalkFailed(f"Case {case.number} has no open task {element_id!r}; open: {there}.")
        return found[0]

    def at(self, script: Mapping[str, Any]) -> datetime | None:
        """Return the instant that a start or step says; None: that of the one before."""
        ago = script.get("ago")
        inner = script.get("start")
        if ago is None and isinstance(inner, Mapping):
            ago = inner.get("ago")
        return feel.to_instant(f"-{ago}", self._end) if ago else None

    def _values(self, values: Mapping[str, Any]) -> dict[str, Json]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Json:
        if isinstance(value, Mapping) and set(value) == {"in"}:
            return feel.to_instant(value["in"], self._end).astimezone(UTC).date().isoformat()
        if isinstance(value, Mapping) and set(value) == {"record"}:
            uses = [use for use in self.detail().records if use.ref.register == value["record"]]
            if not uses:
                raise WalkFailed(f"Case {self._own().number} has no record in {value['record']}.")
            return uses[-1].ref.id
        if isinstance(value, Mapping):
            return self._values(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return value
