"""Owns the rules that need more than the value itself: required, computed limits, options, registers, the clock.

Each field gets at most one message. Locked fields are never checked: whoever fills the form could not mend them.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from engine.forms_protocol import OptionSource
from engine.types import Json
from engine.types.counting import counted
from forms.allowance import Allowance
from forms.choices import label_of, process_of
from forms.components import (
    CheckboxField,
    ChoiceField,
    DateTimeField,
    Field,
    Group,
    NumberField,
    Part,
    RowList,
    Target,
    TextField,
)
from forms.expressions import Formula
from forms.moments import not_before
from forms.numbers import plain
from forms.state import Answer

_NOT_LISTED: Final = "{!r} is not one of the options. Choose again."
_OTHER_STATUS: Final = "{!r} cannot be chosen now: its status has to be {}. Choose again."


def broken(answer: Answer, options: OptionSource, allowance: Allowance) -> str | None:
    """Return what is wrong with the answer, as a sentence for the person who gave it, or None."""
    part, value = answer.part, answer.value
    if answer.locked:
        return None
    if value is None or value is False or value == []:
        return _needed(part) if part.required else None
    match part:
        case TextField():
            return _text(part, str(value), answer.scope, options, allowance)
        case NumberField():
            return _number(part, Decimal(str(value)), answer.scope, allowance)
        case ChoiceField():
            chosen = value if isinstance(value, list) else [value]
            unknown = [item for item in chosen if label_of(part, item, answer.scope, options, allowance) is None]
            if unknown and _is_of_other_status(part, unknown[0], options):
                return _OTHER_STATUS.format(unknown[0][:80], " or ".join(part.statuses))
            return _NOT_LISTED.format(unknown[0][:80]) if unknown else None
        case DateTimeField() if part.not_past and not not_before(str(value), part.subtype, allowance.now):
            return "Enter a date that is today or later."
    return None


def not_listed(parts: tuple[Part, ...], values: Mapping[str, Json], place: str) -> Iterator[tuple[str, str]]:
    """Find choices that are none of the options that the form itself lists: their place and what to do."""
    for part in parts:
        match part:
            case ChoiceField(options=options) if options:
                value = values.get(part.key)
                known = {option.value for option in options}
                for item in value if isinstance(value, list) else [value]:
                    if item is not None and item not in known:
                        yield f"{place}{part.key}", _NOT_LISTED.format(str(item)[:80])
            case Group(path=None):
                yield from not_listed(part.parts, values, place)
            case Group(path=str(path)) if isinstance(values.get(path), Mapping):
                yield from not_listed(part.parts, values[path], f"{place}{path}.")
            case RowList(path=path):
                for index, row in enumerate(values.get(path) or []):
                    yield from not_listed(part.parts, row, f"{place}{path}.{index}.")


def too_many_rows(
    parts: tuple[Part, ...], values: Mapping[str, Json], data: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """Find lists that may not grow and did: their place and what to do."""
    for part in parts:
        if isinstance(part, Group):
            inner = values.get(part.path) if part.path else values
            below = data.get(part.path) if part.path else data
            if isinstance(inner, Mapping):
                found = too_many_rows(part.parts, inner, below if isinstance(below, Mapping) else {})
                yield from ((f"{part.path}.{place}" if part.path else place, message) for place, message in found)
        elif isinstance(part, RowList) and not part.growing:
            rows, known = values.get(part.path), data.get(part.path)
            most = len(known) if isinstance(known, list) else part.rows
            if isinstance(rows, list) and len(rows) > most:
                yield part.path, f"This list has {counted(most, 'row')}; none can be added."


def _needed(part: Field) -> str:
    if isinstance(part, CheckboxField):
        return f"Tick “{part.label}” to go on."
    if part.label.endswith("?"):
        return f"Answer “{part.label}”"
    return f"Choose “{part.label}”." if isinstance(part, ChoiceField) else f"Enter “{part.label}”."


def _limit(bound: int | Decimal | Formula | None, scope: Mapping[str, Json], allowance: Allowance) -> Decimal | None:
    if not isinstance(bound, Formula):
        return None
    value = allowance.value(bound, scope)
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _characters(bound: Decimal) -> str:
    return f"{plain(bound)} {'character' if bound == 1 else 'characters'}"


def _text(
    part: TextField, text: str, scope: Mapping[str, Json], options: OptionSource, allowance: Allowance
) -> str | None:
    if part.register is not None and options.label(part.register, text, part.statuses) is None:
        if _is_of_other_status(part, text, options):
            return _OTHER_STATUS.format(text[:80], " or ".join(part.statuses))
        return f"{text[:80]!r} is not in the list. Choose an entry of the list."
    if part.target is not None and (mistake := _target(part.target, text, scope, options, allowance)):
        return mistake
    lowest, highest = _limit(part.min_length, scope, allowance), _limit(part.max_length, scope, allowance)
    if lowest is not None and len(text.strip()) < lowest:
        return f"Enter at least {_characters(lowest)}."
    if highest is not None and len(text) > highest:
        return f"Enter at most {_characters(highest)}; there are {len(text):,}."
    return None


def _target(
    target: Target, text: str, scope: Mapping[str, Json], options: OptionSource, allowance: Allowance
) -> str | None:
    statistic = scope["_this_"].get(target.statistic)
    if not isinstance(statistic, str):
        return None  # that no statistic is named is told at the field that names it
    return options.target_mistake(process_of(target.process, scope, allowance), statistic, text)


def _is_of_other_status(part: ChoiceField | TextField, value: str, options: OptionSource) -> bool:
    """Return whether a refused `value` names a record that the person may see, so that only its status is wrong."""
    return part.register is not None and bool(part.statuses) and options.label(part.register, value) is not None


def _number(part: NumberField, number: Decimal, scope: Mapping[str, Json], allowance: Allowance) -> str | None:
    lowest, highest = _limit(part.minimum, scope, allowance), _limit(part.maximum, scope, allowance)
    if lowest is not None and number < lowest:
        return f"Enter {plain(lowest)} or more."
    if highest is not None and number > highest:
        return f"Enter {plain(highest)} or less."
    return None
