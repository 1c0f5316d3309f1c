"""Owns how values read on a page: times, durations, statuses, events, counts; it looks nothing up."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, request
from markupsafe import Markup, escape

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
        plain=plain,
        element_kind=element_kind,
        answer=answer,
    )


def time_zone() -> ZoneInfo:
    """Return the time zone that the reader chose, else UTC."""
    chosen = request.cookies.get("tz", "UTC")
    return ZoneInfo(chosen if chosen in available_timezones() else "UTC")


def moment(instant: datetime | None) -> Markup:
    """Return `instant` as a <time> element in the reader's zone, which is named; scripts may make it relative."""
    if instant is None:
        return Markup("")
    local = instant.astimezone(time_zone())
    text = f"{local.day} {local:%b %Y, %H:%M} {local:%Z}"
    return Markup('<time class="relative" datetime="{}" title="{}">{}</time>').format(instant.isoformat(), text, text)


def duration(seconds: float | None) -> str:
    """Return a length of time in words, in at most two units; empty for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min"
    if whole < DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(whole / HOUR), 24)
    named = f"{days} day" + ("s" if days != 1 else "")
    return f"{named} {hours} h" if hours else named


def status(value: str | None) -> str:
    """Return the status of a case, task, failure or record as people read it."""
    if not value:
        return "No status"
    return STATUSES.get(value, value.replace("_", " ").capitalize())


def plain(key: str | None) -> str:
    """Return a key such as `business_analysts` as words."""
    return (key or "").replace("_", " ").capitalize()


def capped(count: int, cap: int = 1000) -> str:
    """Return a count that was not counted beyond `cap`."""
    return f"{cap}+" if count > cap else str(count)


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
