"""Owns how the log tells what an owner has done to a case by hand: one sentence; it looks nothing up."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from engine import events
from engine.types import Json
from engine.views import TimelineEntry


def mended_line(entry: TimelineEntry, name: str) -> Markup:
    """Return what an owner has done at the element `name`, and why; values are told to those who may read them."""
    detail = entry.detail
    line = Markup("<strong>{}</strong> ").format(entry.actor.name)
    changes = Markup(", ").join(_changed(each) for each in detail.get("changes", ()))
    if detail.get("more"):
        changes += Markup(" and {} more").format(detail["more"])
    if entry.kind == events.TOKEN_MOVED:
        line += Markup("moved the case by hand from {} to {}").format(name, detail["to_name"])
    elif entry.kind == events.ACTIVITY_SKIPPED:
        line += Markup("skipped {}").format(name)
        line += Markup(" with {}").format(changes) if changes else Markup("")
    else:
        line += Markup("changed by hand: {}").format(changes)
    return line + Markup(". Reason: {}").format(detail["reason"])


def _changed(change: Mapping[str, Json]) -> Markup:
    if "after" not in change:
        return escape(change["name"])
    if change["after"] is None:
        return Markup("{} removed (was <code>{}</code>)").format(change["name"], change["before"])
    if change["before"] is None:
        return Markup("{} <code>{}</code> (new)").format(change["name"], change["after"])
    return Markup("{} <code>{}</code> instead of <code>{}</code>").format(
        change["name"], change["after"], change["before"]
    )
