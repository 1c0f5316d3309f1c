"""Owns how an entry of the activity log is told: one sentence of who did what; it looks nothing up."""

from flask import url_for
from markupsafe import Markup

from engine import events
from engine.types import ENGINE
from engine.views import TimelineEntry
from webapp.words import element_kind, element_words, plain, status

_PERSON_DID = {
    events.CASE_STARTED: "started the case",
    events.CASE_CANCELLED: "cancelled the case",
    events.TASK_CLAIMED: "claimed",
    events.TASK_RELEASED: "released",
    events.TASK_ASSIGNED: "assigned",
    events.TASK_COMMENTED: "commented",
    events.ACTIVITY_COMPLETED: "completed",
    events.ACTIVITY_CANCELLED: "withdrew",
    events.FAILURE_RESOLVED: "resolved the failure",
}
_HAPPENED = {
    events.CASE_STARTED: "The case started",
    events.CASE_COMPLETED: "The case was completed",
    events.CASE_CANCELLED: "The case was cancelled",
    events.ACTIVITY_CANCELLED: "Not needed any more:",
    events.MESSAGE_SENT: "Message sent:",
    events.MESSAGE_RECEIVED: "Message received:",
    events.FAILURE_RECORDED: "The case could not go on",
    events.FAILURE_RESOLVED: "The failure was resolved",
}


def event_line(entry: TimelineEntry) -> Markup:
    """Return `entry` as a sentence."""
    if entry.kind == events.RECORD_WRITTEN:
        return _record(entry)
    name = _subject(entry)
    if entry.kind == events.CASE_CANCELLED and entry.detail.get("withdrawn"):
        line = Markup("<strong>{}</strong> withdrew the case").format(entry.actor.name)
    elif entry.actor.id != ENGINE.user_id and entry.kind in _PERSON_DID:
        line = Markup("<strong>{}</strong> {} {}").format(entry.actor.name, _PERSON_DID[entry.kind], name)
    elif entry.kind == events.ACTIVITY_COMPLETED:
        line = Markup("{}: {}").format(element_kind(entry.element_kind), name)
    else:
        line = Markup("{} {}").format(_HAPPENED.get(entry.kind, plain(entry.kind)), name)
    return line + _rest(entry)


def _subject(entry: TimelineEntry) -> str:
    if entry.kind in {events.MESSAGE_SENT, events.MESSAGE_RECEIVED}:
        return plain((entry.interface or "").removeprefix("message:"))
    return entry.element_name or element_words(entry.element_id)


def _rest(entry: TimelineEntry) -> Markup:
    detail = entry.detail
    if reason := detail.get("reason"):
        return Markup(": {}").format(reason)
    if entry.kind == events.TASK_ASSIGNED and (person := detail.get("to") or detail.get("assignee")):
        return Markup(" to {}").format(person)
    if entry.kind == events.MESSAGE_SENT and (destination := detail.get("destination")):
        return Markup(" to {}").format(plain(str(destination)))
    return Markup("")


def _record(entry: TimelineEntry) -> Markup:
    detail = entry.detail
    register, record_id, version = str(detail.get("register")), str(detail.get("id")), detail.get("version")
    address = url_for("registers.record", register=register, record_id=record_id, version=version)
    who = Markup("") if entry.actor.id == ENGINE.user_id else Markup(" by <strong>{}</strong>").format(entry.actor.name)
    line = Markup('<a href="{}">{}</a> version {} written{}').format(address, record_id, version, who)
    given = detail.get("status")
    return line + (Markup(": {}").format(status(str(given))) if given else Markup(""))
