"""Owns reading the custom properties by which a form asks for measures and targets; it knows no measure.

`managedProcess` with `measureOptions` makes the measures of a managed process (or their statistics) the options of a
choice; `target` makes a text a target for the statistic that a choice of the same row names.
"""

from typing import Final

from forms.components import Measures, Target
from forms.expressions import Formula
from forms.properties import CUSTOM
from forms.source import Source

_WHAT: Final = ("statistics", "measures")


def measures(source: Source) -> Measures | None:
    """Return the measures that a choice offers, None when it offers something else; a misuse is a finding."""
    properties = source.section("properties")
    if not {"managedProcess", "measureOptions"} & properties.keys():
        return None
    what, process = properties.get("measureOptions"), _process(source)
    if what not in _WHAT:
        message = f"the custom property measureOptions is {str(what)[:80]!r}." if what else "measureOptions is missing."
        source.refuse("form-options", message, "Use statistics (for targets) or measures.")
    if process is None:
        remedy = "Name the process of a process.yaml, such as a21, or FEEL that gives its key, such as =process_key."
        source.refuse("form-options", "the custom property managedProcess names no process.", remedy)
    if process is None or what not in _WHAT:
        return None
    return Measures(process=process, what=what)


def target(source: Source) -> Target | None:
    """Return what makes a text field a target, None when it is none; a misuse is a finding."""
    if source.type != "textfield" or "target" not in source.section("properties"):
        return None
    field = source.text("target", of=source.section("properties")).strip()
    chooser = Source(source.row.get(field, {}), source.report, source.names, in_row=True)
    offers = chooser.json.get("properties")
    if chooser.type != "select" or not isinstance(offers, dict) or offers.get("measureOptions") != "statistics":
        message = f"the custom property target names {field[:80]!r}, which is no select of statistics in the same row."
        remedy = "Put a select with measureOptions statistics into the row, and name its key."
        source.refuse("form-target", message, remedy)
        return None
    process = _process(chooser)
    return None if process is None else Target(statistic=field, process=process)


def refuse_misplaced(source: Source) -> None:
    """Note a finding for a field that asks for measures and is no choice."""
    asked = sorted({"managedProcess", "measureOptions"} & source.section("properties").keys())
    if asked and asked[0] not in CUSTOM.get(source.type, frozenset()):
        message = f"the custom property {asked[0]} stands on a field that has no options."
        source.refuse("form-options", message, "Use a select, radio, checkbox group or tag list.")


def _process(source: Source) -> str | Formula | None:
    text = source.text("managedProcess", of=source.section("properties"), plain=False).strip()
    if text.startswith("="):
        return source.formula(text, "managedProcess")
    return text or None
