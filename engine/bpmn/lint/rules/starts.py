"""Owns the rules about what starts cases: events, messages, times, time zones; and how long messages live."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from engine import feel
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model import cron
from engine.bpmn.model.document import event_definitions, is_event_subprocess, message_place
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.timing import TIMERS, is_timer_text
from engine.bpmn.model.xml import Element, bpmn, children_of, name_of, text_of
from engine.errors import ExpressionRefused

_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def _starts(scope: Scope) -> Iterator[tuple[Element, list[Element]]]:
    """Yield the processes that are to be run, each with its start events."""
    for process in scope.processes:
        yield process, list(children_of(process, "startEvent"))


def start_in_sub_process(scope: Scope) -> Iterator[Issue]:
    """Find events on the start event of a plain sub-process, which a token starts (BPMN 2.0.2, 10.5.2)."""
    for graph in scope.graphs:
        if graph.scope.tag == bpmn("process") or is_event_subprocess(graph.scope):
            continue
        for start in graph.of_kind("startEvent"):
            for definition in event_definitions(start):
                yield Issue(
                    start,
                    f"A sub-process begins when a token comes to it, not by a {_word(definition)}.",
                    "Draw a plain start event here, or make it an event sub-process.",
                )


def start_time(scope: Scope) -> Iterator[Issue]:
    """Find times of start events that are expressions: they are worked out when the process is published."""
    for _, starts in _starts(scope):
        for start in starts:
            for definition in event_definitions(start):
                for part in children_of(definition, *TIMERS):
                    if text_of(part) and not is_timer_text(text_of(part)):
                        yield Issue(
                            part,
                            "The time at which cases start is an expression, but there are no data before there is a "
                            "case.",
                            "Write a duration, a date, a repetition such as R/P1D, or a cron text such as 0 9 * * MON.",
                        )


def start_message_twice(scope: Scope) -> Iterator[Issue]:
    """Find two start events of a process for the same message: nobody could say where the case begins."""
    for _, starts in _starts(scope):
        known: set[str] = set()
        for start in starts:
            place = message_place(start)
            message = None if place is None else scope.document.message(place)
            name = "" if message is None else (message.get("name") or "").strip()
            if name and name in known:
                yield Issue(
                    start,
                    f"Another start event of the process waits for the message {name!r} too.",
                    "Keep one of them, and decide at a gateway behind it.",
                )
            known.add(name)


def start_key(scope: Scope) -> Iterator[Issue]:
    """Find correlation keys on start events of processes: there are no data yet to compare one with."""
    for _, starts in _starts(scope):
        for start in starts:
            if properties(start).get("correlationKey"):
                yield Issue(
                    start,
                    "A start event has no correlation key: a case that waits for the message goes first, else one "
                    "starts.",
                    "Remove the property correlationKey.",
                )


def called_process_start(scope: Scope) -> Iterator[Issue]:
    """Find calls of processes that only events start: a called process begins at its plain start event."""
    known = {
        process.get("id") or "": list(children_of(process, "startEvent"))
        for document in scope.models.values()
        for process in document.processes
    }
    for call in scope.of_kind("callActivity"):
        starts = known.get((call.get("calledElement") or "").strip(), [])
        if starts and all(list(event_definitions(start)) for start in starts):
            yield Issue(
                call,
                "The process that it calls has no plain start event, so it cannot be called.",
                "Draw one there, beside those with a message, a signal or a timer.",
            )


def time_zone(scope: Scope) -> Iterator[Issue]:
    """Find time zones that there are not."""
    for process in scope.processes:
        name = properties(process).get("timeZone")
        if name is not None:
            try:
                cron.zone_named(name)
            except ExpressionRefused:
                yield Issue(
                    process,
                    f"There is no time zone {name[:80]!r}.",
                    "Write the IANA name, such as Europe/Vienna, or remove the property timeZone: then it is UTC.",
                )


def time_to_live(scope: Scope) -> Iterator[Issue]:
    """Find times to live that are no durations, or that stand on a message which leaves the product."""
    for node in scope.nodes:
        named = properties(node)
        live = named.get("timeToLive")
        if live is None or message_place(node) is None:
            continue
        if named.get("destination"):
            yield Issue(
                node,
                "A message with a destination waits in the outbox until somebody hands it over: timeToLive has no "
                "effect.",
                "Remove one of the two properties.",
            )
        elif not feel.is_expression(live) and not _is_duration(live):
            yield Issue(node, f"timeToLive is {live[:80]!r}, which is no duration.", "Write for instance P7D or PT12H.")


def _is_duration(text: str) -> bool:
    try:
        return text.startswith("P") and feel.to_instant(text, _ANY_INSTANT) - _ANY_INSTANT > timedelta()
    except ExpressionRefused:
        return False


def _word(definition: Element) -> str:
    return name_of(definition).removesuffix("EventDefinition")


RULES = (
    Rule("start-in-sub-process", start_in_sub_process),
    Rule("start-time", start_time),
    Rule("start-message-twice", start_message_twice),
    Rule("start-key", start_key),
    Rule("called-process-start", called_process_start),
    Rule("time-zone", time_zone),
    Rule("time-to-live", time_to_live),
)
