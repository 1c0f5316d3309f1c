"""Owns how an entry of the activity log is told: one sentence of who did what; it looks nothing up."""

from collections.abc import Mapping
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from engine import events, feel
from engine.types import ENGINE, Json
from engine.types.counting import counted
from engine.views import TimelineEntry
from webapp.feedback_view import SCORES
from webapp.telling_by_hand import mended_line
from webapp.words import duration, element_kind, element_words, exact_moment, plain, status

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
    events.FAILURE_RECORDED: "The case could not go on at",
    events.FAILURE_RESOLVED: "The failure was resolved",
}


def event_line(entry: TimelineEntry) -> Markup:
    """Return `entry` as a sentence."""
    if entry.kind == events.RECORD_WRITTEN:
        return _record(entry)
    if entry.kind == events.FEEDBACK_GIVEN:
        score = entry.detail["score"]
        answered = Markup("<strong>{}</strong> answered the question at the end: {} ({} of 5)")
        return answered.format(entry.actor.name, SCORES[score], score)
    if entry.kind == events.FRAMEWORK_ADOPTED:
        return _taken_over(entry.detail)
    if entry.kind == events.CASE_MIGRATED:
        return _migrated(entry)
    name = _subject(entry)
    if entry.kind in events.MENDED:
        return mended_line(entry, name)
    if entry.kind == events.CASE_CANCELLED and entry.detail.get("withdrawn"):
        line = Markup("<strong>{}</strong> withdrew the case").format(entry.actor.name)
    elif entry.actor.id != ENGINE.user_id and entry.kind in _PERSON_DID:
        did = f"{_PERSON_DID[entry.kind]} {name}".rstrip()
        line = Markup("<strong>{}</strong> {}").format(entry.actor.name, did)
    elif entry.kind == events.ACTIVITY_COMPLETED:
        came = entry.element_kind == "intermediateCatchEvent" and (entry.interface or "").startswith("signal:")
        line = Markup("{}: {}").format("Signal" if came else element_kind(entry.element_kind), name)
    else:
        happened = _HAPPENED.get(entry.kind, plain(entry.kind))
        line = Markup("{} {}").format(happened, name) if name else Markup("{}").format(happened.removesuffix(" at"))
    return line + _rest(entry)


def _subject(entry: TimelineEntry) -> str:
    if entry.kind in {events.MESSAGE_SENT, events.MESSAGE_RECEIVED}:
        return plain((entry.interface or "").removeprefix("message:"))
    return entry.element_name or element_words(entry.element_id)


def _rest(entry: TimelineEntry) -> Markup:
    detail = entry.detail
    if reason := detail.get("reason"):
        return Markup(": {}").format(reason)
    if entry.given_to is not None:
        return Markup(" to {}").format(entry.given_to.name)
    if entry.kind == events.MESSAGE_SENT and (destination := detail.get("destination")):
        return Markup(" to {}").format(plain(str(destination)))
    return Markup("")


def _taken_over(detail: Mapping[str, Json]) -> Markup:
    """Return which version a running case took over, and the times that moved with it."""
    line = Markup("Version {} of {} taken over, instead of {}.").format(detail["to"], detail["id"], detail["from"])
    times = _moved_times(detail)
    if times:
        line += times
    elif not detail["unmoved"]:
        line += Markup(" No time has changed by it.")
    if detail["unmoved"]:
        line += Markup(" As before, for it is not known since when they run: {}.").format(", ".join(detail["unmoved"]))
    return line


def _migrated(entry: TimelineEntry) -> Markup:
    """Return who moved the case to another version of its process and why, and what has changed by that."""
    detail = entry.detail
    where = "to the newest versions of what its process calls"
    if detail["from"] != detail["to"]:
        where = f"from version {detail['from']} of the process to version {detail['to']}"
    line = Markup("<strong>{}</strong> moved the case {}: {}").format(entry.actor.name, where, detail["reason"])
    if not detail["reason"].endswith((".", "!", "?")):
        line += "."
    for key, words in (("armed", "New, and waiting since then"), ("dropped", "Not waited for any more")):
        if detail[key]:
            line += Markup(" {}: {}.").format(words, ", ".join(detail[key]))
    return line + _moved_times(detail)


def _moved_times(detail: Mapping[str, Json]) -> Markup:
    """Return a sentence on the times that have moved, nothing when none has."""
    parts = [_moved(each) for each in detail["moved"]]
    if detail["more"]:
        parts.append(Markup("and {} more").format(detail["more"]))
    return Markup(" {}.").format(Markup("; ").join(parts)) if parts else Markup("")


def _moved(time: Mapping[str, Json]) -> Markup:
    name = time["name"] or element_words(time["element"])
    if time["what"] == "every":
        return Markup("{} comes every {} instead of {}").format(name, _interval(time["to"]), _interval(time["from"]))
    what = {"due": "due ", "follow_up": "follow-up "}.get(time["what"], "")
    return Markup("{}: {}{} instead of {}").format(name, what, _instant(time["to"]), _instant(time["from"]))


def _interval(text: str) -> str:
    months, rest = feel.duration_parts(text)
    words = [counted(months, "month")] if months else []
    return " ".join([*words, *([duration(rest.total_seconds())] if rest else [])])


def _instant(text: str | None) -> Markup:
    return Markup("no date") if text is None else exact_moment(datetime.fromisoformat(text))


def _record(entry: TimelineEntry) -> Markup:
    detail = entry.detail
    register, record_id, version = str(detail.get("register")), str(detail.get("id")), detail.get("version")
    address = url_for("registers.record", register=register, record_id=record_id, version=version)
    who = Markup("") if entry.actor.id == ENGINE.user_id else Markup(" by <strong>{}</strong>").format(entry.actor.name)
    line = Markup('<a href="{}">{}</a> version {} written{}').format(address, record_id, version, who)
    given = detail.get("status")
    return line + (Markup(": {}").format(status(str(given))) if given else Markup(""))
