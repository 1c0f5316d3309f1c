"""Owns where options come from (form, data, FEEL, register, measures) and whether a value is one of them."""

from collections.abc import Mapping, Sequence

from engine.forms_protocol import Option, OptionSource
from engine.types import Json
from forms.allowance import Allowance
from forms.characters import storable
from forms.components import ChoiceField
from forms.expressions import Formula

MOST_FROM_DATA = 1_000


def options_of(
    part: ChoiceField, scope: Mapping[str, Json], source: OptionSource, allowance: Allowance
) -> Sequence[Option]:
    """Return the options to show for `part`; those of a large register are cut by its source."""
    if part.register is not None:
        return source.options(part.register, part.statuses)
    if part.measures is not None:
        return source.measures(process_of(part.measures.process, scope, allowance), part.measures.what)
    if part.values_key is not None:
        return from_data(scope.get(part.values_key))
    if part.values is not None:
        return from_data(allowance.value(part.values, scope))
    return part.options


def label_of(
    part: ChoiceField, value: str, scope: Mapping[str, Json], source: OptionSource, allowance: Allowance
) -> str | None:
    """Return the words for `value`, or None when it is not one of the options."""
    if part.register is not None:
        return source.label(part.register, value, part.statuses)
    return next((option.label for option in options_of(part, scope, source, allowance) if option.value == value), None)


def process_of(process: str | Formula, scope: Mapping[str, Json], allowance: Allowance) -> str:
    """Return the key of the managed process that a form means; nothing where its FEEL gives no text."""
    value = allowance.value(process, scope) if isinstance(process, Formula) else process
    return value if isinstance(value, str) else ""


def from_data(listed: Json) -> tuple[Option, ...]:
    """Return the options in a list of data: texts, numbers, or objects with `value` and `label`.

    Other items are left out. Values become texts, as pages hand in texts.
    """
    options: dict[str, Option] = {}
    for item in listed[:MOST_FROM_DATA] if isinstance(listed, list | tuple) else ():
        value = item.get("value") if isinstance(item, Mapping) else item
        label = item.get("label") if isinstance(item, Mapping) else None
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            words = storable(label if isinstance(label, str) and label else str(value))
            options.setdefault(storable(str(value)), Option(storable(str(value)), words))
    return tuple(options.values())
