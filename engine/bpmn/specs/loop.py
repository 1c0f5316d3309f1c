"""Owns multi-instance activities (BPMN 2.0.2, 10.3.8 and 13.3.7): parallel, sequential, completion condition, results.

A token at a multi-instance activity stands for all instances; each instance is a token of its own with variables of
its own in front of the case's: the element variable, `loopCounter` (from 0, as Camunda counts) and whatever it
brings. When an instance is done, what it brought goes into the list named by the property `resultVariable`, at the
instance's place; without that property it goes into the case's variables by the rule of `engine.bpmn.case.merging`, in
the order of completion.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from engine import feel
from engine.bpmn.case.token import STARTED, Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.mapping import BROUGHT
from engine.errors import StepFailed
from engine.json_data import told
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.specs.activity import Activity

COUNTER: Final = "loopCounter"


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """How an activity is repeated. Exactly one of `collection` and `cardinality` is set."""

    collects: ClassVar[bool] = True
    """whatever an instance writes is its own, and brought when it is done"""

    sequential: bool = False
    collection: feel.Expression | None = None
    item: str | None = None
    cardinality: feel.Expression | None = None
    enough: feel.Expression | None = None
    """the completion condition"""
    results: str | None = None
    """variable that takes the list of results"""

    def begin(self, activity: "Activity", token: Token) -> None:
        """Start the instances; `token` stands for all of them. Raises `StepFailed`."""
        items = self._items(activity, token)
        token._set_state(STARTED)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        token.notes |= {"total": len(items), "next": 0, "done": 0}
        if self.sequential and self.collection is not None:
            token.notes["items"] = items
        if self.results is not None:
            token.notes["results"] = [None] * len(items)
        if not items:
            token.scope.case.complete_soon(token)
        elif self.sequential:
            self._start_next(activity, token, items)
        else:
            for _ in items:
                self._start_next(activity, token, items)

    def _items(self, activity: "Activity", token: Token) -> list[Json]:
        if self.collection is not None:
            found = activity.value(self.collection, token)
            if not isinstance(found, list):
                raise StepFailed(
                    f"The collection {self.collection.source!r} is {told(found)}, no list. An empty list is written []."
                )
            return found
        assert self.cardinality is not None  # noqa: S101 - the reader sees to it
        count = activity.value(self.cardinality, token)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise StepFailed(
                f"The loop cardinality {self.cardinality.source!r} is {told(count)}, no whole number from 0."
            )
        limit = token.scope.case.context.max_tasks
        if count > limit:
            raise StepFailed(f"The loop cardinality is {count}; one step may start {limit} instances at most.")
        return [None] * count

    def _start_next(self, activity: "Activity", token: Token, items: list[Json]) -> None:
        index = token.notes["next"]
        token.notes["next"] = index + 1
        instance = token.scope.case.spawn(token.scope, activity, token)
        instance.owner = token.id
        instance.notes["index"] = index
        instance.data = {COUNTER: index}
        if self.item is not None:
            instance.data[self.item] = items[index]
        instance.arrive()

    def instance_done(self, activity: "Activity", token: Token, instance: Token) -> None:
        """Collect what `instance` brought; start the next one, or end the activity. Raises `StepFailed`."""
        notes = token.notes
        local = {COUNTER, self.item, *activity.local_names}
        brought = {name: value for name, value in instance.data.items() if name not in local}
        brought |= instance.notes.get(BROUGHT, {})
        if self.results is not None:
            notes["results"][instance.notes["index"]] = brought
        else:
            Variables(instance, around=True).bring(brought)
        notes["done"] += 1
        if notes["done"] == notes["total"] or self._is_enough(activity, token, brought):
            token.complete()
        elif self.sequential:
            self._start_next(activity, token, notes.get("items") or [None] * notes["total"])

    def told(self, instance: Token) -> tuple[str, str]:
        """Return in words which instance it is, such as `instance 3 of 7` and `number: 0`; a long value is cut."""
        whole = None if instance.owner is None else instance.scope.live.get(instance.owner)
        total = "" if whole is None else f" of {whole.notes['total']}"
        item = f"{self.item}: {told(instance.data[self.item])}" if self.item in instance.data else ""
        return f"instance {instance.notes['index'] + 1}{total}", item

    def bring(self, token: Token) -> None:
        """Set the list of results of the activity that `token` stands for: empty if there was nothing to do."""
        if self.results is not None:
            Variables(token).set({self.results: token.notes["results"]})

    def _is_enough(self, activity: "Activity", token: Token, brought: dict[str, Json]) -> bool:
        """Ask the completion condition, which sees the case's variables, the last instance's and the counts."""
        if self.enough is None:
            return False
        notes = token.notes
        total, done = notes["total"], notes["done"]
        active = token.scope.live.count_of(token.id, activity)
        extra: dict[str, Any] = {**brought}
        extra |= dict.fromkeys(("numberOfInstances", "nrOfInstances"), total)
        extra |= dict.fromkeys(("numberOfCompletedInstances", "nrOfCompletedInstances"), done)
        extra |= dict.fromkeys(("numberOfActiveInstances", "nrOfActiveInstances"), active)
        extra["numberOfTerminatedInstances"] = 0
        if self.results is not None:
            extra[self.results] = notes["results"]
        return activity.decides(self.enough, token, "The completion condition", extra)
