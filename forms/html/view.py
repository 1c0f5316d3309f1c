"""Owns the choice of a control for every part of a form; it knows values, errors, conditions, but writes no HTML."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from markupsafe import Markup

from engine.errors import BudgetSpent
from engine.forms_protocol import Option, OptionSource
from engine.types import Json
from engine.types.counting import counted
from forms.allowance import Allowance
from forms.choices import options_of
from forms.components import (
    CheckboxField,
    ChoiceField,
    Computed,
    DateTimeField,
    Display,
    Field,
    Group,
    NumberField,
    Part,
    RowList,
    TextField,
)
from forms.expressions import shown
from forms.html.controls import Choice, Content, Control, Locked, Row, RowsControl, Section, Shown
from forms.html.showing import as_typed, in_words, moment_as_typed
from forms.html.values import labels_for
from forms.markdown import render as render_markdown
from forms.moments import EXAMPLES
from forms.state import State

_INPUT_TYPES: Final = {"date": "date", "time": "time", "datetime": "datetime-local"}


def editable_places(parts: tuple[Part, ...], place: str = "") -> frozenset[str]:
    """Return the places of all fields that take input; those in lists have `*` for the number of the row."""
    return frozenset(_editable(parts, place))


def _editable(parts: tuple[Part, ...], place: str) -> Iterator[str]:
    for part in parts:
        match part:
            case Field():
                if not part.disabled and part.readonly is False:
                    yield f"{place}{part.key}"
            case Group():
                yield from _editable(part.parts, f"{place}{part.path}." if part.path else place)
            case RowList():
                yield from _editable(part.parts, f"{place}{part.path}.*.")


@dataclass(slots=True)
class View:
    """One showing of one form."""

    state: State
    errors: Mapping[str, Sequence[str]]
    options: OptionSource
    allowance: Allowance
    prefix: str
    editable: frozenset[str]

    def parts(self, parts: tuple[Part, ...], values: Mapping[str, Json], row: str, place: str) -> list[Shown]:
        """Return what to show for `parts`, whose raw `values` stand at `place` within `row`."""
        locked = {answer.place: answer.value for answer in self.state.answers if answer.locked}
        found: list[Shown] = []
        for part in parts:
            made = self._part(part, values, row, place, locked)
            if made is not None:
                found.append(
                    replace(
                        made, hidden=(row, part.number) in self.state.hidden, conditions=self._conditions(part, row)
                    )
                )
        return found

    def _part(
        self, part: Part, values: Mapping[str, Json], row: str, place: str, locked: Mapping[str, Json]
    ) -> Shown | None:
        match part:
            case Display():
                return self._display(part, row)
            case Group():
                inner = values.get(part.path, {}) if part.path else values
                below = f"{place}{part.path}." if part.path else place
                children = self.parts(part.parts, inner if isinstance(inner, Mapping) else {}, row, below)
                return Section(kind="section", label=part.label, children=children)
            case RowList():
                return self._rows(part, values.get(part.path), f"{place}{part.path}")
            case Computed():
                return None
            case Field():
                here = f"{place}{part.key}"
                if here in locked or part.disabled or part.readonly is True:
                    value = locked.get(here)
                    words = in_words(part, value, labels_for(part, value, self.options))
                    return Locked(kind="locked", id=f"{self.prefix}{here}", label=part.label, value=words)
                return self._control(part, values.get(part.key), here, self._scope(row))
        return None

    def _scope(self, row: str) -> Mapping[str, Json]:
        return self.state.scopes.get(row) or self.state.scopes.get("", {})

    def _display(self, part: Display, row: str) -> Shown:
        html = Markup("")
        if part.text is not None:
            try:
                scope = self._scope(row)
                inserted = [as_typed(shown(self.allowance.value(formula, scope))) for formula in part.text.formulas]
            except BudgetSpent:
                inserted = []
            html = render_markdown(part.text.text, inserted)
        return Content(kind=part.type, html=html, source=part.source, alternative=part.alternative)

    def _conditions(self, part: Part, row: str) -> dict[str, str]:
        if part.hide is None:
            return {}
        found = {"data-hide": part.hide.source}
        simple = part.comparison
        if simple is not None:
            in_row = simple.of_row and row != ""
            name = f"{row}.{simple.path}" if in_row else simple.path
            known = f"{row.rpartition('.')[0]}.*.{simple.path}" if in_row else simple.path
            if known in self.editable:
                found |= {"data-hide-key": name, "data-hide-op": simple.operator, "data-hide-value": simple.value}
        return found

    def _rows(self, part: RowList, listed: Json, here: str) -> Shown:
        rows = []
        for index, values in enumerate(listed if isinstance(listed, list) else []):
            name = f"{here}.{index}"
            children = self.parts(part.parts, values if isinstance(values, Mapping) else {}, name, f"{name}.")
            rows.append(Row(f"{self.prefix}{name}", name, children, self.errors.get(name, ())))
        return RowsControl(
            kind="rows",
            id=f"{self.prefix}{here}",
            name=here,
            label=part.label,
            rows=rows,
            growing=part.growing,
            errors=self.errors.get(here, ()),
        )

    def _control(self, part: Field, value: Json, here: str, scope: Mapping[str, Json]) -> Control:
        shared: dict[str, Any] = {
            "id": f"{self.prefix}{here}",
            "name": here,
            "label": part.label,
            "hint": part.hint,
            "optional": not part.required,
            "errors": tuple(self.errors.get(here, ())),
        }
        match part:
            case TextField():
                return self._text(part, value, shared)
            case NumberField():
                mode = "numeric" if part.decimals == 0 else "decimal"
                attributes: dict[str, str | None] = {"type": "text", "inputmode": mode, "autocomplete": "off"}
                text = as_typed(value)
                return Control(
                    kind="input", value=text, prefix=part.prefix, suffix=part.suffix, attributes=attributes, **shared
                )
            case CheckboxField():
                ticked = value is True or (
                    isinstance(value, str) and value.strip().lower() in ("true", "on", "yes", "1")
                )
                return Control(kind="checkbox", value="true" if ticked else "", **{**shared, "optional": False})
            case ChoiceField():
                return self._choice(part, value, scope, shared)
            case DateTimeField():
                return self._moment(part, value, shared)
        raise TypeError(f"No control is known for {type(part).__name__}.")

    def _text(self, part: TextField, value: Json, shared: dict[str, Any]) -> Control:
        if isinstance(part.max_length, int):
            shared["hint"] = f"{part.hint} At most {counted(part.max_length, 'character')}.".strip()
        if part.multiline:
            return Control(
                kind="textarea",
                value=as_typed(value),
                attributes={"rows": "6"},
                similar=part.similar is not None,
                **shared,
            )
        kinds = {"email": ("email", "email"), "phone": ("tel", "tel")}
        kind, mode = kinds.get(part.content or "", ("text", None))
        attributes: dict[str, str | None] = {"type": kind, "inputmode": mode, "spellcheck": "false" if mode else None}
        choices: list[Choice] = []
        if part.register is not None:
            attributes |= {"list": f"{shared['id']}-list", "autocomplete": "off"}
            listed = self.options.options(part.register, part.statuses)
            choices = [Choice("", option.value, option.label) for option in listed]
        text = as_typed(value)
        return Control(
            kind="input",
            value=text,
            prefix=part.prefix,
            suffix=part.suffix,
            choices=choices,
            attributes=attributes,
            similar=part.similar is not None,
            **shared,
        )

    def _choice(self, part: ChoiceField, value: Json, scope: Mapping[str, Json], shared: dict[str, Any]) -> Control:
        chosen = [
            as_typed(item)
            for item in (value if isinstance(value, list) else [value])
            if item is not None and item != ""
        ]
        try:
            listed = list(options_of(part, scope, self.options, self.allowance))
        except BudgetSpent:
            listed = []
        if part.register is not None:
            known = {option.value for option in listed}
            more = labels_for(part, [item for item in chosen if item not in known], self.options)
            listed += [Option(item, words) for item, words in more.items()]
        kind = "select" if part.type == "select" else "radios" if part.type == "radio" else "checkboxes"
        if kind == "radios" and listed and not part.required:
            listed.append(Option("", "No answer"))
        ids = [shared["id"], *(f"{shared['id']}-{number}" for number in range(2, len(listed) + 1))]
        choices = [
            Choice(at, option.value, option.label, option.value in chosen or (option.value == "" and not chosen))
            for at, option in zip(ids, listed, strict=False)
        ]
        return Control(kind=kind, choices=choices, **shared)

    def _moment(self, part: DateTimeField, value: Json, shared: dict[str, Any]) -> Control:
        text, native = moment_as_typed(value, part.subtype)
        hints = [
            part.hint,
            "Time in UTC." if part.utc else "",
            "" if native else f"For example, {EXAMPLES[part.subtype]}.",
        ]
        shared["hint"] = " ".join(hint for hint in hints if hint)
        attributes: dict[str, str | None] = {"type": _INPUT_TYPES[part.subtype] if native else "text"}
        return Control(kind="input", value=text, attributes=attributes, **shared)
