"""Owns the reading view of stored values: a definition list in the order of the form."""

from collections.abc import Iterable, Iterator, Mapping

from markupsafe import Markup

from engine.forms_protocol import OptionSource
from engine.types import Json
from forms.components import ChoiceField, Computed, Field, Group, Part, RowList, TextField
from forms.form import Form
from forms.html.showing import as_typed, in_words

_PAIR = Markup("<div><dt>{}</dt><dd>{}</dd></div>")


def render_values(form: Form, values: Mapping[str, Json], *, options: OptionSource) -> Markup:
    """Return `values` as a `<dl class="values">`: the form's fields in order, then what the form does not know.

    A field without a value is left out when a condition could hide it, and else shown as not given.
    """
    pairs = [_PAIR.format(label, words) for label, words in _pairs(form.parts, values, options, "", conditional=False)]
    known = set(form.body_keys)
    pairs += [_PAIR.format(as_typed(key), in_words(None, value)) for key, value in values.items() if key not in known]
    return Markup('<dl class="values">{}</dl>').format(Markup("").join(pairs)) if pairs else Markup("")


def labels_for(part: Part, value: Json, options: OptionSource) -> dict[str, str]:
    """Return the words for the options that `value` names."""
    register = part.register if isinstance(part, ChoiceField | TextField) else None
    chosen = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
    if register is not None:
        return {item: words for item in chosen if (words := options.label(register, item)) is not None}
    if isinstance(part, ChoiceField) and part.measures is not None:
        # Data is not at hand here: where FEEL names the process, its own measures are shown by their keys.
        process = part.measures.process if isinstance(part.measures.process, str) else ""
        return {option.value: option.label for option in options.measures(process, part.measures.what)}
    return {option.value: option.label for option in part.options} if isinstance(part, ChoiceField) else {}


def row_in_words(part: RowList, row: Json, options: OptionSource) -> Markup:
    """Return one stored row of a list as HTML to read."""
    if isinstance(row, Mapping):
        pairs = [_PAIR.format(*pair) for pair in _pairs(part.parts, row, options, "", conditional=True)]
        if pairs:
            return Markup('<dl class="values">{}</dl>').format(Markup("").join(pairs))
    return in_words(None, row)


def _pairs(
    parts: Iterable[Part], values: Mapping[str, Json], options: OptionSource, before: str, *, conditional: bool
) -> Iterator[tuple[str, Markup]]:
    for part in parts:
        may_hide = conditional or part.hide is not None
        match part:
            case Field() | Computed():
                value = values.get(part.key)
                if value is not None or not (may_hide or isinstance(part, Computed)):
                    yield f"{before}{part.label}", in_words(part, value, labels_for(part, value, options))
            case Group():
                inner = values.get(part.path, {}) if part.path else values
                label = f"{before}{part.label}: " if part.path and part.label else before
                if isinstance(inner, Mapping):
                    yield from _pairs(part.parts, inner, options, label, conditional=may_hide)
                else:
                    yield f"{before}{part.label or part.path}", in_words(None, inner)
            case RowList():
                rows = values.get(part.path)
                if rows or not may_hide:
                    yield f"{before}{part.label}", _rows(part, rows, options)


def _rows(part: RowList, rows: Json, options: OptionSource) -> Markup:
    if not isinstance(rows, list) or not rows:
        return in_words(None, rows)
    items = Markup("").join(Markup("<li>{}</li>").format(row_in_words(part, row, options)) for row in rows)
    return Markup("<ol>{}</ol>").format(items)
