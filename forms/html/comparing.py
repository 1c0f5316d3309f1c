"""Owns what differs between two sets of stored values of one form, field by field in words; it knows no versions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from json import dumps

from markupsafe import Markup

from engine.forms_protocol import OptionSource
from engine.types import Json
from forms.components import Computed, Field, Group, Part, RowList
from forms.form import Form, every_part
from forms.html.showing import as_typed, in_words
from forms.html.values import labels_for, row_in_words

_MOST_COMPARED = 200
"""Rows of longer lists are compared place by place: finding the best fit would take too long."""

_NO_ROW = Markup('<span class="empty">No such row</span>')


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, or one row of a list, that is not as it was; both sides as people read them."""

    label: str
    before: Markup
    after: Markup


def compare(
    form: Form, before: Mapping[str, Json], after: Mapping[str, Json], *, options: OptionSource
) -> list[Difference]:
    """Return what differs, in the order of the form; what the form does not know comes last under its own name.

    Nothing, an empty text and an empty list are the same. A row of a list is told by its number; rows that only moved
    because others came or went are no difference.
    """
    found = list(_fields(form.parts, before, after, options, ""))
    known = set(form.body_keys)
    for key in dict.fromkeys([*before, *after]):
        if key not in known and _differ(before.get(key), after.get(key)):
            label = as_typed(key).replace("_", " ").strip().capitalize()
            found.append(Difference(label, in_words(None, before.get(key)), in_words(None, after.get(key))))
    return found


def _fields(
    parts: Iterable[Part], before: Mapping[str, Json], after: Mapping[str, Json], options: OptionSource, place: str
) -> Iterator[Difference]:
    for part in parts:
        match part:
            case Field() | Computed():
                old, new = before.get(part.key), after.get(part.key)
                if _differ(old, new):
                    yield Difference(f"{place}{part.label}", _words(part, old, options), _words(part, new, options))
            case Group():
                yield from _group(part, before, after, options, place)
            case RowList():
                yield from _rows(part, before.get(part.path), after.get(part.path), options, place)


def _group(
    part: Group, before: Mapping[str, Json], after: Mapping[str, Json], options: OptionSource, place: str
) -> Iterator[Difference]:
    if part.path is None:
        yield from _fields(part.parts, before, after, options, place)
        return
    old, new = before.get(part.path) or {}, after.get(part.path) or {}
    label = f"{place}{part.label or part.path}"
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _fields(part.parts, old, new, options, f"{label}: ")
    elif _differ(old, new):
        yield Difference(label, in_words(None, old), in_words(None, new))


def _rows(part: RowList, before: Json, after: Json, options: OptionSource, place: str) -> Iterator[Difference]:
    label = f"{place}{part.label}"
    old, new = before or [], after or []
    if not (isinstance(old, list) and isinstance(new, list)):
        if _differ(before, after):
            yield Difference(label, in_words(None, before), in_words(None, after))
        return
    for left, right in _pairs(old, new):
        if left is not None and right is not None:
            title = f"{label}, row {right + 1}"
            if isinstance(old[left], Mapping) and isinstance(new[right], Mapping):
                yield from _row(part, old[left], new[right], options, f"{title}: ")
            else:
                yield Difference(title, in_words(None, old[left]), in_words(None, new[right]))
        elif left is not None:
            yield Difference(f"{label}, row {left + 1}", row_in_words(part, old[left], options), _NO_ROW)
        elif right is not None:
            yield Difference(f"{label}, row {right + 1}", _NO_ROW, row_in_words(part, new[right], options))


def _row(
    part: RowList, old: Mapping[str, Json], new: Mapping[str, Json], options: OptionSource, place: str
) -> Iterator[Difference]:
    """Yield what differs within a row; what its form does not know is told too."""
    yield from _fields(part.parts, old, new, options, place)
    known = {inner.key for inner in every_part(part.parts) if isinstance(inner, Field | Computed)}
    for key in dict.fromkeys([*old, *new]):
        if key not in known and _differ(old.get(key), new.get(key)):
            yield Difference(f"{place}{as_typed(key)}", in_words(None, old.get(key)), in_words(None, new.get(key)))


def _pairs(old: Sequence[Json], new: Sequence[Json]) -> Iterator[tuple[int | None, int | None]]:
    """Yield which row became which, None for none; rows that stayed as they were are left out."""
    left, right = [_canonical(row) for row in old], [_canonical(row) for row in new]
    if max(len(left), len(right)) > _MOST_COMPARED:
        for at in range(max(len(left), len(right))):
            pair = (at if at < len(left) else None, at if at < len(right) else None)
            if None in pair or left[at] != right[at]:
                yield pair
        return
    for kind, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _matched(old, new, list(range(a, b)), list(range(c, d)))


def _matched(
    old: Sequence[Json], new: Sequence[Json], lost: list[int], made: list[int]
) -> Iterator[tuple[int | None, int | None]]:
    """Pair rows that say the same in at least one field, the most alike first; the others went or came."""
    left, right = {at: _answers(old[at]) for at in lost}, {at: _answers(new[at]) for at in made}
    likeness = sorted((-len(left[a] & right[b]), abs(a - b), a, b) for a in lost for b in made)
    became: dict[int, int] = {}
    for alike, _, a, b in likeness:
        if alike and a not in became and b not in became.values():
            became[a] = b
    for a in lost:
        yield a, became.get(a)
    for b in made:
        if b not in became.values():
            yield None, b


def _answers(row: Json) -> frozenset[tuple[str, str]]:
    """Return what a row says, for comparing it with others."""
    answers = row.items() if isinstance(row, Mapping) else ()
    return frozenset((str(key), _canonical(value)) for key, value in answers if not _is_empty(value))


def _words(part: Part, value: Json, options: OptionSource) -> Markup:
    return in_words(part, value, labels_for(part, value, options))


def _is_empty(value: Json) -> bool:
    return value is None or value in ("", [], {})


def _differ(old: Json, new: Json) -> bool:
    if _is_empty(old) or _is_empty(new):
        return _is_empty(old) != _is_empty(new)
    return _canonical(old) != _canonical(new)


def _canonical(value: Json) -> str:
    # 5 and 5.0 are the same number; True and 1 are not the same answer.
    return dumps(_plain(value), sort_keys=True, default=str)


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if not _is_empty(item)}
    return [_plain(item) for item in value] if isinstance(value, list) else value
