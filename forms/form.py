"""Owns one form as the rest of the product uses it: its key, its fields, and the check of values against it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from marshmallow import Schema

from engine.errors import BudgetSpent, InputRefused
from engine.forms_protocol import FormField, OptionSource
from engine.types import Json
from forms.allowance import Allowance
from forms.components import ChoiceField, Computed, Display, Field, Group, Part, RowList, TextField
from forms.expressions import INSERTION
from forms.rules import broken, not_listed, too_many_rows
from forms.schema import load, schema_for
from forms.state import State, settle, with_computed, without_disabled

NO_DATA: Mapping[str, Json] = MappingProxyType({})


class Form:
    """A form that can be filled in. Forms do not change and may be shared between threads."""

    def __init__(self, key: str, title: str | None, parts: tuple[Part, ...]) -> None:
        self.key = key
        self.parts = parts
        self.title = title or _heading(parts) or key.replace("_", " ").replace("-", " ").strip().capitalize()
        self.fields: tuple[FormField, ...] = tuple(_fields(parts, ""))
        self.body_keys: tuple[str, ...] = tuple(dict.fromkeys(field.key.partition(".")[0] for field in self.fields))
        self.schema: Schema = schema_for(parts)
        self.has_conditions: bool = any(part.hide is not None for part in every_part(parts))

    def validate(
        self, values: Mapping[str, Json], *, now: datetime, context: Mapping[str, Json] = NO_DATA, options: OptionSource
    ) -> dict[str, Json]:
        """Return the cleaned values: those of visible fields, with computed ones and those that only show data.

        `now` is an aware instant; `context` is the data of the case, for conditions, computed and read-only fields.
        Raises `InputRefused` with one message per field; the key of a field in a list is `rows.0.name`.
        """
        usable, messages = load(self.schema, values)
        allowance = Allowance(now)
        try:
            state = settle(self.parts, usable, context, allowance)
            problems = {place: text for place, text in messages.items() if not _is_moot(place, state)}
            for answer in state.answers:
                if answer.place not in problems and (text := broken(answer, options, allowance)):
                    problems[answer.place] = text
            for place, text in too_many_rows(self.parts, state.values, context):
                problems.setdefault(place, text)
        except BudgetSpent as spent:
            raise InputRefused({"form": [str(spent)]}) from spent
        if problems:
            raise InputRefused({place: [text] for place, text in self._in_order(problems).items()})
        return without_disabled(self.parts, state.values)

    def conform(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return `values` as their fields' types keep them, computed ones as they are; what is missing is not missed.

        Neither conditions, options of registers nor required fields are looked at. Raises `InputRefused` as `validate`.
        """
        usable, messages = load(self.schema, values)
        problems = {**messages, **dict(not_listed(self.parts, usable, ""))}
        if problems:
            raise InputRefused({place: [text] for place, text in self._in_order(problems).items()})
        return with_computed(self.parts, usable, values)

    def _in_order(self, problems: Mapping[str, str]) -> dict[str, str]:
        """Return the messages in the order of the fields on the page, with rows by number and unknown names last."""
        top = {key: index for index, key in enumerate(self.body_keys)}
        order = {field.key: index for index, field in enumerate(self.fields)}

        def rank(place: str) -> tuple[int, int, list[tuple[int, str]]]:
            steps = [(int(step) if step.isdecimal() and step.isascii() else 0, "") for step in place.split(".")[:6]]
            return top.get(place.partition(".")[0], len(top)), order.get(place, len(order)), steps

        return {place: problems[place] for place in sorted(problems, key=rank)}


def every_part(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield all parts, those within groups and lists too, in the order of the page."""
    for part in parts:
        yield part
        if isinstance(part, Group | RowList):
            yield from every_part(part.parts)


def _is_moot(place: str, state: State) -> bool:
    """Return whether what was handed in at `place` is not used, so that nobody has to mend it."""
    unused = [*state.places_hidden, *(answer.place for answer in state.answers if answer.locked)]
    return any(place == other or place.startswith(f"{other}.") for other in unused)


def _fields(parts: tuple[Part, ...], place: str) -> Iterator[FormField]:
    for part in parts:
        match part:
            case Field():
                yield FormField(
                    f"{place}{part.key}",
                    part.label,
                    part.type,
                    part.required,
                    part.options if isinstance(part, ChoiceField) else (),
                    part.register if isinstance(part, ChoiceField | TextField) else None,
                    part.prefill,
                    part.disabled,
                    part.statuses if isinstance(part, ChoiceField | TextField) else (),
                    _process(part),
                    part.similar if isinstance(part, TextField) else None,
                )
            case Computed():
                yield FormField(f"{place}{part.key}", part.label, part.type)
            case Group(path=None):
                yield from _fields(part.parts, place)
            case Group(path=str(path)):
                yield from _fields(part.parts, f"{place}{path}.")
            case RowList():
                inner = (_process(each) for each in every_part(part.parts) if isinstance(each, Field))
                process = next((each for each in inner if each is not None), None)
                yield FormField(f"{place}{part.path}", part.label, part.type, process=process)


def _process(part: Field) -> str | None:
    """Return the managed process that the form itself names for the options of a field."""
    named = part.measures.process if isinstance(part, ChoiceField) and part.measures else None
    return named if isinstance(named, str) else None


def _heading(parts: tuple[Part, ...]) -> str | None:
    for part in parts:
        if isinstance(part, Display) and part.text is not None:
            first = part.text.text.strip().partition("\n")[0]
            is_heading = first.startswith("#") and INSERTION not in first
            return first.lstrip("#").strip() or None if is_heading else None
    return None
