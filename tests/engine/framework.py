"""Owns a process under a framework for the engine's tests: timers and dates that its versions set."""

from typing import Any

from engine.types import ENGINE, Json, RecordRef
from tests.bpmn_models import boundary, call, end, flows, process, reads, start, store, timer, user_task
from tests.engine.stage import OWNER, STARTERS, Stage, form

REGISTERS = b"""
registers:
  - key: rules
    name: Rules
    variable: rules
    prefix: R
    form: rules
    title: title
    singleton: true
    running_cases: rc
    readers: [staff]
    maintainers: [owners]
"""
FORM = form("rules", "title", "rc", "remind", "due", "look", "every")
FIRST: dict[str, Json] = {"title": "One", "remind": "P5D", "due": "P10D", "look": "P1D", "every": "R/P1D"}


def asks(key: str, *, read: str = reads("st"), task: dict[str, str] | None = None) -> bytes:
    """Return a process with a task of the analysts that reads the rules, and of which they are reminded by them."""
    dated = {"dueDate": "=duration(rules.due)", "followUpDate": "=duration(rules.look)", "candidateGroups": "analysts"}
    attributes: dict[str, Any] = {**dated, **(task or {})}
    return process(
        key,
        store("st", "rules"),
        store("again", "rules"),
        start(),
        user_task("ask", "Ask", inner=read, **attributes),
        boundary("remind", "ask", timer("Duration", "=duration(rules.remind)"), interrupting=False),
        user_task("reminder", "Reminder", candidateGroups="analysts"),
        user_task("then", "Then", inner=reads("again"), candidateGroups="analysts"),
        end(),
        end("re"),
        flows("s", "ask", "then", "e"),
        flows("remind", "reminder", "re"),
        properties=OWNER,
        **STARTERS,
    )


def calling(key: str, called: str) -> bytes:
    """Return a process that does nothing but call another one, with variables of its own."""
    return process(key, start(), call("c", called), end(), flows("s", "c", "e"), properties=OWNER, **STARTERS)


def deploy(stage: Stage, **first: Json) -> RecordRef:
    """Deploy the process `p`, `outer` that calls it, the register, and the first version of the rules."""
    stage.deploy(p__bpmn=asks("p"), outer__bpmn=calling("outer", "p"), registers__yaml=REGISTERS, rules__form=FORM)
    return stage.engine.registers.save("rules", None, {**FIRST, **first}, actor=ENGINE)


def change(stage: Stage, said: str | None = "take_over", **fields: Json) -> RecordRef:
    """Write the next version of the rules by form; fields that are not given stay as they were first."""
    values = {**FIRST, **fields, "rc": said}
    return stage.engine.registers.save("rules", "R-0001", values, actor=ENGINE)


def settle(stage: Stage) -> int:
    """Run what is due until nothing is; return how many steps that were."""
    total = 0
    while done := stage.engine.management.run_due():
        total += done
    return total
