"""Owns the question whether a token of one version could stand at an element of another; it moves none."""

import re
from typing import Any, Final

from engine.bpmn.specs.boundary import BoundaryEvent
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.events import CatchEvent, StartEvent
from engine.bpmn.specs.gateways import EventBasedGateway, Join
from engine.bpmn.specs.subprocesses import CallActivity, SubProcess
from engine.bpmn.specs.tasks import ReceiveTask
from engine.bpmn.specs.user_task import UserTask

_SAME_LOOP: Final = {
    "sequential": "it takes its instances in another order (sequential or parallel)",
    "counted": "its instances are counted in another way (collection or cardinality)",
    "item": "its element variable has another name",
    "results": "it collects the results of its instances, or does so no more",
}


def may_hold(element: Element) -> bool:
    """Say whether a token can stay at `element` between two steps; elsewhere it passes."""
    if isinstance(element, Join):
        return len(element.incoming) > 1
    if isinstance(element, StartEvent):
        return False
    waits = isinstance(element, UserTask | ReceiveTask | SubProcess | CatchEvent | BoundaryEvent | EventBasedGateway)
    return waits or element.has_instances or trigger_of(element) is not None or operation_of(element) is not None


def trigger_of(element: Element) -> Any:
    """Return what `element` waits for, None for one that waits for nothing of the kind."""
    return getattr(element, "trigger", None)


def operation_of(element: Element) -> Any:
    """Return the operation that `element` calls and waits for, None without one."""
    return getattr(element, "operation", None)


def misfit(old: Element, new: Element) -> str | None:
    """Return why a token at `old` cannot stand at `new`, None when it can; scopes are not looked at."""
    if old.kind != new.kind:
        return f"it is {words(new.kind)} in the other version, not {words(old.kind)}"
    trigger, other = trigger_of(old), trigger_of(new)
    if type(old) is not type(new) or type(trigger) is not type(other):
        return "it waits for something of another kind in the other version"
    if isinstance(old, CallActivity) and isinstance(new, CallActivity) and old.key != new.key:
        return f"it calls {new.key!r} in the other version, not {old.key!r}"
    if name_of_operation(old) != name_of_operation(new):
        return "it calls another operation in the other version, while this one may be running"
    return _loop_misfit(old, new)


def name_of_operation(element: Element) -> str | None:
    """Return the name of the operation that `element` waits for."""
    operation = operation_of(element)
    return operation if operation is None or isinstance(operation, str) else str(getattr(operation, "name", operation))


def _loop_misfit(old: Element, new: Element) -> str | None:
    before, after = getattr(old, "loop", None), getattr(new, "loop", None)
    if before is None and after is None:
        return None
    if before is None or after is None:
        return f"it is done {'several times' if before is None else 'once'} in the other version"
    if type(before) is not type(after):
        return "it is repeated in another way in the other version"
    for name, why in _SAME_LOOP.items():
        if _loop_fact(before, name) != _loop_fact(after, name):
            return f"in the other version {why}"
    return None


def _loop_fact(loop: Any, name: str) -> object:
    """Return what of a loop has to stay the same while instances run: what they have noted depends on it."""
    if name == "counted":
        return getattr(loop, "collection", None) is None
    if name == "results":
        return getattr(loop, "results", None) is None
    return getattr(loop, name, None)


def words(kind: str) -> str:
    """Return a BPMN element type such as `userTask` as words with an article."""
    said = re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", kind)
    return f"{'an' if said[0] in 'aeio' else 'a'} {said}"
