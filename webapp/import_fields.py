"""Owns the page on which each field of a form is given its source: a column, a text, FEEL; it takes no row in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import ComityError
from engine.forms_protocol import FormField, Option, OptionSource
from engine.imports.mapping import RowMapping
from engine.imports.proposals import proposed
from engine.types import Json

COLUMN, TEXT, FEEL = "column", "text", "feel"
FILL, GIVEN = "fill-", "given-"
LONGEST_TEXT: Final = 10_000
LONGEST_CHANNEL: Final = 60
_MOST_OPTIONS: Final = 12

_KINDS: Final = {
    "number": "A number, with a point before decimals.",
    "checkbox": "yes or no.",
    "datetime": "Such as 2026-11-30 or 14:30:00 or 2026-11-30T14:30:00.",
    "checklist": "Several values: a FEEL expression that gives a list.",
    "taglist": "Several values: a FEEL expression that gives a list.",
    "dynamiclist": "Rows: a FEEL expression that gives a list of contexts.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A field on the page. `fill` is `column:NAME`, `text`, `feel` or empty; `given` the text or the expression."""

    key: str
    label: str
    required: bool
    hint: str
    fill: str
    given: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What fills the fields, as it was chosen on the page, with the channel of cases or the status of records."""

    fills: Mapping[str, tuple[str, str]]
    channel: str | None = None
    status: str | None = None

    @classmethod
    def sent(cls, fields: Sequence[FormField], form: Mapping[str, str]) -> "Choice":
        """Return what a browser sent."""
        fills = {
            field.key: (form.get(f"{FILL}{field.key}", ""), form.get(f"{GIVEN}{field.key}", ""))
            for field in takeable(fields)
        }
        return cls(fills, form.get("channel", "").strip() or None, form.get("status") or None)

    @classmethod
    def stored(cls, mapping: Mapping[str, Json]) -> "Choice":
        """Return what was kept with the import."""
        fills = {name: (f"{COLUMN}:{column}", "") for name, column in mapping["columns"].items()}
        fills |= {name: (TEXT, text) for name, text in mapping["constants"].items()}
        fills |= {name: (FEEL, source) for name, source in mapping["computed"].items()}
        return cls(fills, mapping["channel"], mapping["status"])

    @classmethod
    def first(cls, fields: Sequence[FormField], columns: Sequence[str]) -> "Choice":
        """Return the proposal for a file with these columns."""
        found = proposed(takeable(fields), [column for column in columns if column])
        return cls({key: (f"{COLUMN}:{column}", "") for key, column in found.items()})

    def mapping(self) -> RowMapping:
        """Return the choice as the import understands it."""
        return RowMapping(self._of(COLUMN), self._of(TEXT), self._of(FEEL))

    def as_json(self, columns: Sequence[str]) -> dict[str, Json]:
        """Return the choice as it is kept with the import, with the columns for which it was made."""
        mapping = self.mapping()
        return {
            "columns": dict(mapping.columns),
            "constants": dict(mapping.constants),
            "computed": dict(mapping.computed),
            "channel": self.channel,
            "status": self.status,
            "header": list(columns),
        }

    def errors(self, columns: Sequence[str]) -> dict[str, str]:
        """Return what is wrong with each field's source, by the field's key; `form` is about the choice as a whole."""
        found = {key: words for key, fill in self.fills.items() if (words := _wrong(key, *fill, columns))}
        if not found and not (self._of(COLUMN) or self._of(FEEL)):
            found["form"] = "Fill at least one field from a column, or by an expression over the columns."
        if self.channel is not None and len(self.channel) > LONGEST_CHANNEL:
            found["channel"] = f"Enter at most {LONGEST_CHANNEL} characters."
        return found

    def _of(self, kind: str) -> dict[str, str]:
        found = {}
        for key, (fill, given) in self.fills.items():
            chosen, _, column = fill.partition(":")
            if chosen == kind:
                found[key] = column if kind == COLUMN else given
        return found


def takeable(fields: Sequence[FormField]) -> list[FormField]:
    """Return the fields that can be filled: neither computed nor only shown."""
    return [field for field in fields if not field.shown_only and field.type != "expression"]


def lines(
    fields: Sequence[FormField], choice: Choice, errors: Mapping[str, str], options: OptionSource
) -> Iterator[Line]:
    """Yield the lines of the page."""
    for field in takeable(fields):
        fill, given = choice.fills.get(field.key, ("", ""))
        hint = _hint(field, options)
        yield Line(field.key, field.label, field.required, hint, fill, given, errors.get(field.key))


def _wrong(key: str, fill: str, given: str, columns: Sequence[str]) -> str | None:
    kind, _, column = fill.partition(":")
    if kind == COLUMN:
        return None if column in columns else f"The file has no column {column!r} any more: choose anew."
    if kind not in (TEXT, FEEL):
        return None if not fill else "Choose one of the sources in the list."
    if not given.strip():
        return "Enter the text." if kind == TEXT else "Enter the expression."
    if len(given) > LONGEST_TEXT:
        return f"Enter at most {LONGEST_TEXT:,} characters."
    if kind == FEEL:
        try:
            RowMapping(computed={key: given}).check(columns)
        except ComityError as error:
            return str(error)
    return None


def _named(option: Option) -> str:
    """Return the value that a cell has to hold, and what it means where that says more."""
    words = option.label.removesuffix(f" ({option.value})")
    return option.value if words == option.value else f"{option.value} ({words})"


def _hint(field: FormField, options: OptionSource) -> str:
    known = list(field.options) or (list(options.options(field.register, field.statuses)) if field.register else [])
    parts = [_KINDS[field.type]] if field.type in _KINDS else []
    if known:
        named = [_named(option) for option in known[:_MOST_OPTIONS]]
        more = f" and {len(known) - _MOST_OPTIONS} more" if len(known) > _MOST_OPTIONS else ""
        parts.append(f"One of: {', '.join(named)}{more}.")
    return " ".join(parts)
