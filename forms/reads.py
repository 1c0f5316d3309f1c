"""Owns the answer what the FEEL of a form reads that the form itself does not give; it evaluates nothing.

What a formula sees of the form is said in `forms.scope`; everything else comes from the data of the case, if at all.
"""

from collections.abc import Iterator, Mapping

from engine.forms_protocol import FormRead
from forms.components import (
    ChoiceField,
    Computed,
    Display,
    Field,
    Group,
    NumberField,
    Part,
    RowList,
    TextField,
)
from forms.expressions import Formula
from forms.scope import PLACES, filled

HIDE = "conditional.hide"


def reads(parts: tuple[Part, ...]) -> Iterator[FormRead]:
    """Yield what the formulas of a form, which has `parts`, are sure to read from data, in the order of the page.

    What a property reads more than once is told once.
    """
    own = PLACES.union(filled(parts, {}))
    yield from dict.fromkeys(_reads(parts, own, dict(_paths(parts, "")), None))


def _reads(
    parts: tuple[Part, ...], own: frozenset[str], paths: Mapping[str, str], row: Mapping[str, str] | None
) -> Iterator[FormRead]:
    """Yield what `parts` read; `paths` lead to the fields of the form, those of `row` to the fields of the same row."""
    for part in parts:
        for what, formula in _formulas(part):
            names = formula.certain_names - own
            if what == HIDE and row and not formula.names & {"this", "_this_"}:
                names = names.difference(row)  # parsing has told of these
            yield from (_read(part, what, name, (row or {}).get(name) or paths.get(name)) for name in sorted(names))
        if isinstance(part, ChoiceField) and part.values_key and part.values_key not in own:
            yield _read(part, "valuesKey", part.values_key, None)
        if isinstance(part, Group):
            yield from _reads(part.parts, own, paths, row)
        elif isinstance(part, RowList):
            yield from _reads(part.parts, own, paths, dict(_paths(part.parts, "this.")))


def _read(part: Part, what: str, name: str, instead: str | None) -> FormRead:
    label = part.label if isinstance(part, Field | Computed | Group | RowList) else None
    return FormRead(name, what, part.type, part.element, label or None, part.line, instead)


def _formulas(part: Part) -> Iterator[tuple[str, Formula]]:
    """Yield the formulas of one part, each with the property that holds it."""
    found: dict[str, object] = {HIDE: part.hide}
    match part:
        case Display(text=text) if text is not None:
            yield from ((HIDE, part.hide),) if part.hide is not None else ()
            yield from (("text", formula) for formula in text.formulas)
            return
        case Computed():
            found["expression"] = part.formula
        case TextField():
            found |= {"minLength": part.min_length, "maxLength": part.max_length}
        case NumberField():
            found |= {"min": part.minimum, "max": part.maximum}
        case ChoiceField():
            found |= {"valuesExpression": part.values}
            found |= {} if part.measures is None else {"managedProcess": part.measures.process}
    if isinstance(part, Field):
        found["readonly"] = part.readonly
    yield from ((what, formula) for what, formula in found.items() if isinstance(formula, Formula))


def _paths(parts: tuple[Part, ...], place: str) -> Iterator[tuple[str, str]]:
    """Yield the key of each field that stands deeper than `place`, or in a row, with the way to it."""
    for part in parts:
        match part:
            case Field() | Computed() if place:
                yield part.key, f"{place}{part.key}"
            case Group(path=None):
                yield from _paths(part.parts, place)
            case Group(path=str(path)) | RowList(path=path):
                yield path, f"{place}{path}"
                yield from _paths(part.parts, f"{place}{path}.")
