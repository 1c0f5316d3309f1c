"""Owns how values read on a page: times, durations, statuses, events, counts; it looks nothing up."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, request
from markupsafe import Markup, escape

from engine.types.counting import all_counted, counted

MINUTE, HOUR, DAY = 60, 3_600, 86_400

STATUSES = {
    "active": "Running",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "open": "Open",
    "pending": "Waiting to be handed over",
    "handed over": "Handed over",
    "withdrawn": "Withdrawn",
    "resolved": "Resolved",
    "skipped": "Skipped",
}

KINDS = {
    "userTask": "Task",
    "manualTask": "Task",
    "task": "Task",
    "serviceTask": "Service",
    "scriptTask": "Calculation",
    "businessRuleTask": "Decision",
    "sendTask": "Message out",
    "receiveTask": "Message in",
    "callActivity": "Process",
    "subProcess": "Part",
    "startEvent": "Start",
    "eventSubProcessStart": "Event",
    "endEvent": "End",
    "boundaryEvent": "Interruption",
    "intermediateCatchEvent": "Wait",
    "intermediateThrowEvent": "Event",
    "exclusiveGateway": "Choice",
    "inclusiveGateway": "Choice",
    "parallelGateway": "Side by side",
    "eventBasedGateway": "Whichever comes first",
}


def install(app: Flask) -> None:
    """Give the templates of `app` these words as filters."""
    app.jinja_env.filters.update(
        moment=moment,
        duration=duration,
        status=status,
        capped=capped,
        awaited=awaited,
        plain=plain,
        element_kind=element_kind,
        element_words=element_words,
        answer=answer,
        being_computed=being_computed,
        counted=counted,
        all_counted=all_counted,
        computed_anew=computed_anew,
    )


def time_zone() -> ZoneInfo:
    """Return the time zone that the reader chose, else UTC."""
    chosen = request.cookies.get("tz", "UTC")
    return ZoneInfo(chosen if chosen in time_zones() else "UTC")


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all time zones; kept, for finding them reads hundreds of files."""
    return frozenset(available_timezones())


def moment(instant: datetime | None) -> Markup:
    """Return `instant` as a <time> element in the reader's zone, which is named; scripts may make it relative."""
    if instant is None:
        return Markup("")
    text = _local(instant)
    return Markup('<time class="relative" datetime="{}" title="{}">{}</time>').format(instant.isoformat(), text, text)


def exact_moment(instant: datetime) -> Markup:
    """Return `instant` as moment() does, but never relative: where two instants are told against each other."""
    return Markup('<time datetime="{}">{}</time>').format(instant.isoformat(), _local(instant))


def _local(instant: datetime) -> str:
    local = instant.astimezone(time_zone())
    return f"{local.day} {local:%b %Y, %H:%M} {local:%Z}"


def duration(seconds: float | None) -> str:
    """Return a length of time in words, in at most two units; empty for None and for what took no time."""
    whole = round(seconds or 0)
    if not whole:
        return ""
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    if whole < DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(whole / HOUR), 24)
    named = counted(days, "day")
    return f"{named} {hours} h" if hours else named


def status(value: str | None) -> str:
    """Return the status of a case, task, failure or record as people read it."""
    if not value:
        return "No status"
    return STATUSES.get(value, _sentence(value.replace("_", " ")))


def plain(key: str | None) -> str:
    """Return a key such as `business_analysts` as words."""
    return _sentence((key or "").replace("_", " "))


def _sentence(words: str) -> str:
    # Not `capitalize`: it would make A213 an a213 when it is not the first word.
    return words[:1].upper() + words[1:]


def awaited(name: str) -> str | None:
    """Return for what a step waits that is named as one, such as "Wait for reports"; None for another name."""
    found = re.fullmatch(r"(?:Waits? for|Receive|Await)\s+(.+)", name.strip(), re.IGNORECASE | re.DOTALL)
    return found[1] if found else None


def capped(count: int, cap: int = 1000) -> str:
    """Return a count that was not counted beyond `cap`."""
    return f"{cap:,}+" if count > cap else f"{count:,}"


def being_computed(count: int) -> str:
    """Return the sentence for figures that are not whole yet; `count` is how many ended cases are to come."""
    return f"Figures of {counted(count, 'ended case')} are still being computed: until then these are not whole."


def computed_anew(count: int) -> str:
    """Return what a deployment that changed measures says; `count` is how many ended cases it concerns."""
    return f"The figures of {counted(count, 'ended case')} are computed anew; this takes a while."


def element_words(element_id: str | None) -> str:
    """Return an element's id as words, for one whose name is not at hand: `Task_HandOut` as "Hand out"."""
    bare = re.sub(r"^(Task|Event|Start|End|Call|Gateway|Boundary|Activity)_", "", element_id or "")
    return _sentence(re.sub(r"(?<=[a-z0-9])[A-Z](?=[a-z])", lambda found: f" {found[0].lower()}", plain(bare)))


def element_kind(kind: str | None) -> str:
    """Return a BPMN element type in plain words."""
    return KINDS.get(kind or "", plain(kind))


def answer(value: object) -> Markup | str:
    """Return a value of case data or of a record's body as text; lists joined, nothing for an empty one."""
    if value is None or value == "":
        return Markup('<span class="muted">none</span>')
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return Markup(", ").join(escape(answer(item)) for item in value)
    if isinstance(value, dict):
        return Markup("; ").join(
            Markup("{}: {}").format(plain(str(name)), answer(item)) for name, item in value.items()
        )
    return str(value)
