"""Owns the reading of a form-js definition into a `Form`; it refuses what cannot be honoured, ignores nothing silently.

Source of the shape: the form-js JSON schema, up to schema version 19.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.types import Finding, Json
from forms.components import Computed, Display, Group, Part, RowList
from forms.document import read
from forms.expressions import Formula, template
from forms.findings import Report
from forms.form import Form
from forms.properties import ALLOWED, DOCUMENT, REFUSED
from forms.reading import field
from forms.source import NO_ROW, Source

NEWEST_SCHEMA: Final = 19
MOST_COMPONENTS: Final = 500
MOST_ROWS: Final = 100
_FORM_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
_RESERVED: Final = frozenset({"csrf_token", "this", "parent", "i"})


def parse(content: bytes | str, file: str) -> tuple[Form | None, list[Finding]]:
    """Return the form in `content` and the findings on it; the form is None when there are findings of severity error.

    `file` is the name that the findings give. Nothing is raised, whatever `content` is.
    """
    document, report = read(content, file)
    if document is None:
        return None, report.found
    key = _head(document, report)
    names = _names(document.get("components"))
    parts = _Reader(report, names).parts(document.get("components"))
    if report.has_errors:
        return None, report.found
    title = document.get("title")
    return Form(key, title if isinstance(title, str) and title.strip() else None, parts), report.found


def _head(document: Mapping[str, Json], report: Report) -> str:
    if document.get("type", "default") != "default":
        report.add(
            "form-type", "This is not a form: `type` is not `default`.", "Open it in the form editor and save it anew."
        )
    version = document.get("schemaVersion", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        report.add(
            "form-schema-version", "schemaVersion is not a whole number.", f"Use a number from 1 to {NEWEST_SCHEMA}."
        )
    elif version > NEWEST_SCHEMA:
        report.add(
            "form-schema-version",
            f"schemaVersion {str(version)[:20]} is newer than {NEWEST_SCHEMA}, the newest that is understood.",
            "Save the form with an older form editor, or update this product.",
        )
    for name in sorted(set(document) - DOCUMENT):
        message = f"The form's property {name[:80]!r} is not known and has no effect."
        report.add("form-unknown-property", message, "Remove it if you expected one.", severity="warning")
    key = document.get("id")
    if isinstance(key, str) and _FORM_KEY.fullmatch(key):
        return key
    report.add(
        "form-id",
        "The form's id is missing or unusable.",
        "Give it an id of letters, digits, `_`, `-` and `.`, beginning with a letter.",
    )
    return ""


def _names(components: Json) -> frozenset[str]:
    """Collect every key and path in the form, so that FEEL can tell names from operators."""
    found: set[str] = set()
    waiting = [components]
    while waiting:
        current = waiting.pop()
        for component in current if isinstance(current, list) else []:
            if isinstance(component, dict):
                found.update(
                    name for place in ("key", "path") if isinstance(name := component.get(place), str) and name
                )
                waiting.append(component.get("components"))
    return frozenset(found)


def _fields_of_row(components: Json) -> dict[str, Mapping[str, Json]]:
    """Return the JSON of the fields whose values stand side by side in a row, by key."""
    found: dict[str, Mapping[str, Json]] = {}
    waiting = [components]
    while waiting:
        current = waiting.pop()
        for component in current if isinstance(current, list) else []:
            if isinstance(component, dict):
                if isinstance(key := component.get("key"), str):
                    found.setdefault(key, component)
                if component.get("type") == "group" and not component.get("path"):
                    waiting.append(component.get("components"))
    return found


class _Reader:
    """One reading of one form: counts components and walks into groups and lists."""

    def __init__(self, report: Report, names: frozenset[str]) -> None:
        self.report, self.names, self.count = report, names, 0
        self.row_names: frozenset[str] = frozenset()
        self.row = NO_ROW

    def parts(self, components: Json, *, in_row: bool = False, taken: set[str] | None = None) -> tuple[Part, ...]:
        """Return the parts that the JSON list `components` describes; `taken` holds the keys used in the same scope."""
        if not isinstance(components, list):
            self.report.add(
                "form-components",
                "`components` has to be a list.",
                "Open the form in the form editor and save it anew.",
            )
            return ()
        taken = set() if taken is None else taken
        made: list[Part] = []
        for component in components:
            self.count += 1
            if self.count == MOST_COMPONENTS + 1:
                self.report.add("form-size", f"The form has more than {MOST_COMPONENTS} components.", "Split the form.")
            if self.count > MOST_COMPONENTS:
                break
            if not isinstance(component, dict):
                self.report.add("form-components", "A component is not an object.", "Remove it.")
                continue
            row = self.row if in_row else NO_ROW
            part = self._part(Source(component, self.report, self.names, in_row=in_row, row=row), taken)
            if part is not None:
                made.append(part)
        return tuple(made)

    def _part(self, source: Source, taken: set[str]) -> Part | None:
        if source.type in REFUSED:
            why, remedy = REFUSED[source.type]
            source.refuse("form-unsupported-component", why, remedy)
            return None
        if source.type not in ALLOWED:
            what = f"the component type {source.type[:80]!r} is not supported." if source.type else "it has no type."
            source.refuse("form-unsupported-component", what, "Remove it, or use a supported type.")
            return None
        for name in sorted(set(source.json) - ALLOWED[source.type]):
            message = f"the property {name[:80]!r} is not known and has no effect."
            source.refuse("form-unknown-property", message, "Remove it if you expected one.", severity="warning")
        common = self._common(source)
        match source.type:
            case "button":
                if source.json.get("action", "submit") != "submit":
                    message = "buttons other than submit are not shown."
                    source.refuse("form-button", message, "Remove it.", severity="warning")
                return None
            case "group":
                return self._group(source, common, taken)
            case "dynamiclist":
                return self._rows(source, common, taken)
            case "expression":
                return self._computed(source, common, taken)
            case "text" | "image" | "separator" | "spacer":
                return self._display(source, common)
        key = self._key(source, "key", taken)
        return None if key is None else field(source, common, key)

    def _common(self, source: Source) -> dict[str, Any]:
        line = self.report.line_of(source.element)
        known = {"type": source.type, "number": self.count, "element": source.element, "line": line}
        hide = source.section("conditional").get("hide")
        if hide in (None, "", False):
            return known
        formula = source.formula("true" if hide is True else hide, "conditional.hide")
        if formula is not None and source.in_row and "this" not in formula.names and "_this_" not in formula.names:
            self._warn_of_row_names(source, formula)
        return {**known, "hide": formula, "comparison": formula.comparison if formula else None}

    def _warn_of_row_names(self, source: Source, formula: Formula) -> None:
        inside = sorted(formula.names & self.row_names)
        if inside:
            message = f"in a list, {inside[0]!r} means the field of the form outside the list, if there is one."
            source.refuse(
                "form-row-name", message, f"Write this.{inside[0]} for the field of the row.", severity="warning"
            )

    def _key(self, source: Source, place: str, taken: set[str]) -> str | None:
        key = source.json.get(place)
        if isinstance(key, str) and _KEY.fullmatch(key) and key not in _RESERVED:
            if key in taken:
                source.refuse(
                    "form-duplicate-key", f"the {place} {key!r} is used twice in the same place.", "Give each its own."
                )
                return None
            taken.add(key)
            return key
        if isinstance(key, str) and "." in key:
            source.refuse(
                "form-key",
                f"the {place} {key[:80]!r} has dots.",
                "Put the field in a group with a path for each part before a dot.",
            )
        else:
            source.refuse(
                "form-key",
                f"the {place} {str(key)[:80]!r} cannot be used." if key else f"it has no {place}.",
                "Use letters, digits and `_`, beginning with a letter; not `this`, `parent`, `i` or `csrf_token`.",
            )
        return None

    def _group(self, source: Source, common: dict[str, Any], taken: set[str]) -> Part:
        path = self._key(source, "path", taken) if source.json.get("path") else None
        inner = None if path else taken
        parts = self.parts(source.json.get("components", []), in_row=source.in_row, taken=inner)
        return Group(**common, label=source.text("label").strip(), path=path, parts=parts)

    def _rows(self, source: Source, common: dict[str, Any], taken: set[str]) -> Part | None:
        if source.in_row:
            source.refuse(
                "form-unsupported-component", "a dynamic list within a dynamic list is not supported.", "Use two forms."
            )
            return None
        if source.json.get("isRepeating") is False:
            source.refuse(
                "form-unsupported-property", "isRepeating is off, so that it is no list.", "Use a group instead."
            )
        path, label = self._key(source, "path", taken), source.text("label").strip()
        if not label:
            source.refuse("form-label", "it has no label, so nobody can tell what to enter.", "Give it a label.")
        rows = source.whole("defaultRepetitions", 0, MOST_ROWS)
        self.row_names = _names(source.json.get("components"))
        self.row = _fields_of_row(source.json.get("components"))
        parts = self.parts(source.json.get("components", []), in_row=True)
        growing = source.flag("allowAddRemove", default=True)
        if path is None:
            return None
        return RowList(**common, label=label, path=path, parts=parts, rows=1 if rows is None else rows, growing=growing)

    def _computed(self, source: Source, common: dict[str, Any], taken: set[str]) -> Part | None:
        key, formula = self._key(source, "key", taken), source.formula(source.json.get("expression"), "expression")
        label = source.text("label").strip() or (key or "").replace("_", " ").capitalize()
        return Computed(**common, key=key, label=label, formula=formula) if key and formula else None

    def _display(self, source: Source, common: dict[str, Any]) -> Part:
        if source.type == "image":
            address, alternative = source.text("source"), source.text("alt").strip()
            if not re.fullmatch(r"/(?!/)[\w\-./~%]*", address, re.ASCII) or ".." in address:
                source.refuse(
                    "form-image",
                    "the image is not one of this site's own.",
                    "Give a source that begins with a single `/`.",
                )
            if not alternative:
                source.refuse("form-image", "the image has no alternative text.", "Say in alt what it shows.")
            return Display(**common, source=address, alternative=alternative)
        if source.type != "text":
            return Display(**common)
        text = source.text("text", plain=False)
        return Display(
            **common,
            text=source.attempt(lambda: template(text, self.names), "form-template", "the text cannot be used"),
        )
