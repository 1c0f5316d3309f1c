"""Owns the rules about events: what a boundary event may stand on, timers that say when, messages that have a name."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from engine import feel
from engine.bpmn.lint.rule import Issue, Rule, in_words, with_article, words_of
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.cron import is_cron
from engine.bpmn.model.document import ACTIVITIES, event_definitions, interrupts, message_place
from engine.bpmn.model.elements import THROWING
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.timing import TIMERS, Timer, cycle_of, is_timer_text, schedule
from engine.bpmn.model.xml import Element, bpmn, children_of, name_of, text_of
from engine.errors import ExpressionRefused, StepFailed

_ANY_INSTANT = datetime(2999, 1, 1, tzinfo=UTC)
"""Later than any step is run: a duration that is too long for the calendar is found now and not then."""
_SHAPES = {
    "timeDuration": "an ISO 8601 duration such as PT30M, P3D or P1M",
    "timeDate": "an ISO 8601 date and time such as 2026-03-31T10:30:00Z",
    "timeCycle": "a repetition such as R3/PT1H (three times), R/P1D (again and again) or 0 9 * * MON-FRI (cron)",
}
_DURATION, _DAYS, _HOURS = re.compile(r"P[0-9TYWDHS]+"), re.compile(r"\d+[YWD]"), re.compile(r"\d+[HS]")
_LONGEST = 40
_SMALL = re.compile(r"(?=[^A-Z]*[a-z])[Pp](?:\d{1,9}[ymwdYMWD])*(?:[tT](?:\d{1,9}[hmsHMS])+)?(?<=[a-zA-Z])(?<![pP])")
_KINDS = {"timeDuration": "Duration", "timeDate": "Date", "timeCycle": "Cycle"}
_CRON = "Write five fields such as 0 9 * * MON-FRI, or six with the seconds first."
_AUTOMATIC = frozenset(("scriptTask", "businessRuleTask", "sendTask", "manualTask", "task"))
_AT_ONCE = frozenset(("errorEventDefinition", "escalationEventDefinition", "conditionalEventDefinition"))
"""Definitions of events that can occur as an activity begins."""


def boundary_attachment(scope: Scope) -> Iterator[Issue]:
    """Find boundary events that are attached to nothing, or to something that is no activity (BPMN 2.0.2, 10.5.4)."""
    for graph in scope.graphs:
        for event in graph.of_kind("boundaryEvent"):
            host = graph.nodes.get(event.get("attachedToRef") or "")
            if host is None or name_of(host) not in ACTIVITIES:
                what = "nothing in the same process" if host is None else with_article(host)
                yield Issue(
                    event,
                    f"The boundary event is attached to {what}; only activities can have one.",
                    "Drag it onto the border of a task, call activity or sub-process.",
                )
                continue
            caught = next(filter(None, map(scope.document.thrown, event_definitions(event))), None)
            if caught is None:
                continue
            kind = caught[0]
            if name_of(host) not in THROWING[kind]:
                yield Issue(
                    event,
                    f"{with_article(host).capitalize()} throws no {kind}, so this event never occurs.",
                    f"Attach it to one of: {', '.join(sorted(map(words_of, THROWING[kind])))}.",
                )
            if kind == "error" and not interrupts(event):
                yield Issue(
                    event,
                    "An error always ends its activity, but the event is drawn as not interrupting it.",
                    "Make it an interrupting boundary event.",
                )


def boundary_never_fires(scope: Scope) -> Iterator[Issue]:
    """Find timers and messages on activities that are over as soon as they begin."""
    for graph in scope.graphs:
        for event in graph.of_kind("boundaryEvent"):
            host = graph.nodes.get(event.get("attachedToRef") or "")
            kinds = {name_of(definition) for definition in event_definitions(event)}
            if host is not None and _is_automatic(scope, host) and not kinds & _AT_ONCE:
                yield Issue(
                    event,
                    f"{with_article(host).capitalize()} is over as soon as it begins, so this event never occurs.",
                    "Attach it to an activity that waits, such as a user task or a receive task.",
                )


def _is_automatic(scope: Scope, node: Element) -> bool:
    """Say whether an activity is over as soon as it begins: of service tasks, those with a pure operation."""
    if name_of(node) == "serviceTask":
        operation = scope.catalog.operation(properties(node).get("operation") or "")
        return operation is not None and operation.pure
    return name_of(node) in _AUTOMATIC


def timer_text(scope: Scope) -> Iterator[Issue]:
    """Find timer events without a time, with more than one, or with text that is neither ISO 8601 nor an expression."""
    for node in scope.nodes:
        for definition in event_definitions(node):
            if name_of(definition) != "timerEventDefinition":
                continue
            parts = list(children_of(definition, *TIMERS))
            if len(parts) != 1 or not text_of(parts[0]):
                yield Issue(
                    definition,
                    "The timer event does not say when."
                    if not parts[1:]
                    else "The timer event has more than one time.",
                    f"Set one of: {'; '.join(_SHAPES.values())}; or FEEL.",
                )
                continue
            kind, source = name_of(parts[0]), text_of(parts[0])
            if kind == "timeCycle" and interrupts(node) and not _starts_cases(node):
                yield Issue(
                    parts[0],
                    "A repeating timer stands on an event that can occur only once.",
                    "Use a duration here, or an event that does not interrupt.",
                )
            if kind == "timeCycle" and is_cron(source) and not _is_iso(kind, source):
                yield Issue(parts[0], f"The timer's {source[:80]!r} is no cron text: {_wrong(source)}", _CRON)
            elif (is_timer_text(source) or _SMALL.fullmatch(source)) and not _is_iso(kind, source):
                yield Issue(
                    parts[0], f"The timer's {source[:80]!r} is not {_SHAPES[kind]}.", _instead(node, kind, source)
                )
    yield from _constants(scope)


def _constants(scope: Scope) -> Iterator[Issue]:
    """Find timers whose expression reads nothing and comes to something that is no time, such as `48`."""
    for found in scope.expressions:
        kind = name_of(found.element)
        if kind not in TIMERS or found.parsed is None or found.parsed.names or not _is_plain(found.source):
            continue
        try:
            schedule(Timer(kind, found.source), found.parsed.evaluate({}, now=_ANY_INSTANT), _ANY_INSTANT)
        except (ExpressionRefused, StepFailed):
            yield Issue(
                found.element,
                f"The timer's {found.source[:80]!r} comes to no time.",
                f"Write {_SHAPES[kind]}, or FEEL that gives one.",
            )


def _is_plain(source: str) -> bool:
    """Say whether an expression without names is worked out at once: it loops over nothing."""
    return len(source) <= _LONGEST and ".." not in source and "in" not in source.split()


def _instead(node: Element, kind: str, source: str) -> str:
    """Return what mends a time that is none of its kind."""
    meant = _meant(kind, source) or (source.upper() if _is_iso(kind, source.upper()) else None)
    if meant is not None:
        return f"Did you mean {meant!r}?"
    other = next((name for each, name in _KINDS.items() if each != kind and _is_iso(each, source)), None)
    if other == "Cycle" and interrupts(node) and not _starts_cases(node):
        return "It repeats. Write a duration, or let an event that does not interrupt have a timer of the type Cycle."
    return "Write it so, or as FEEL." if other is None else f"Choose the timer's type {other} for it, or write it so."


def _starts_cases(node: Element) -> bool:
    parent = node.getparent()
    return name_of(node) == "startEvent" and parent is not None and parent.tag == bpmn("process")


def _is_iso(kind: str, source: str) -> bool:
    try:
        if kind == "timeDuration":
            feel.duration_parts(source)  # no date
            feel.to_instant(source, _ANY_INSTANT)
        elif kind == "timeDate":
            feel.to_instant(source, _ANY_INSTANT)
            return not source.lstrip("+-").startswith("P")
        else:
            cycle_of(source, _ANY_INSTANT)
    except ExpressionRefused:
        return False
    return True


def _wrong(source: str) -> str:
    try:
        cycle_of(source, _ANY_INSTANT)
    except ExpressionRefused as refused:
        return refused.reason
    return ""


def _meant(kind: str, source: str) -> str | None:
    """Return what a text becomes when the T of its time of day is put in its place, if that makes it right."""
    parts = _DURATION.search(source) if len(source) < _LONGEST else None
    if parts is None:
        return None
    days, hours = "".join(_DAYS.findall(parts[0])), "".join(_HOURS.findall(parts[0]))
    meant = source.replace(parts[0], f"P{days}{'T' if hours else ''}{hours}")
    return meant if meant != source and _is_iso(kind, meant) else None


def _called(node: Element) -> str:
    return repr(" ".join((node.get("name") or "").split())[:80] or node.get("id") or in_words(node))


def message_missing(scope: Scope) -> Iterator[Issue]:
    """Find tasks and events that send or wait for a message without saying which (BPMN 2.0.2, 10.3.3 and 10.5.5)."""
    for node in scope.nodes:
        place = message_place(node)
        if place is not None and not place.get("messageRef"):
            yield Issue(
                node,
                f"The {in_words(node)} does not say which message.",
                "Choose or create a message in the modeler.",
            )


def message_without_name(scope: Scope) -> Iterator[Issue]:
    """Find messages that elements refer to and that have no name: nothing could be matched with them."""
    for node in scope.nodes:
        place = message_place(node)
        message = scope.document.message(place) if place is not None else None
        if message is not None and not (message.get("name") or "").strip():
            yield Issue(
                message,
                f"The message of {_called(node)} has no name, so nothing can be matched with it.",
                "Give it a name: it stands where the message was chosen, in the properties of the element.",
            )


def dynamic_message_name(scope: Scope) -> Iterator[Issue]:
    """Find message names that are expressions: names are fixed, keys tell messages of one name apart."""
    for message in children_of(scope.document.root, "message"):
        name = message.get("name") or ""
        if feel.is_expression(name):
            yield Issue(
                message,
                f"The message's name {name[:80]!r} is an expression.",
                "Use a fixed name, and the property correlationKey for what differs.",
            )


RULES = (
    Rule("boundary-attachment", boundary_attachment),
    Rule("boundary-never-fires", boundary_never_fires, "warning"),
    Rule("timer-text", timer_text),
    Rule("message-missing", message_missing),
    Rule("message-without-name", message_without_name),
    Rule("dynamic-message-name", dynamic_message_name),
)
