"""Owns the FEEL in forms: conditions, computed values, insertions in texts; nothing else here imports the language.

What a formula may look at follows form-js: every name of the data, `this` (the row, or all values outside a list),
`parent` and `i` (the places from 1, outermost list first), each also as `_this_`, `_parent_` and `_i_`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine import feel
from engine.errors import ExpressionRefused
from engine.types import Json

INSERTION = "\ue000"
"""Stands in a template's text where a value goes; a private-use character, so that no text of an author can hold it."""

STEPS = 50_000
"""What one formula may cost in the language's own steps; the forms of people need some tens."""

_COMPARISON = re.compile(
    r"""\s* (?P<this>_?this_?\.)? (?P<path>[A-Za-z]\w*(?:\.\w+)*) \s* (?P<op>!?=) \s*
        (?: "(?P<text>[^"\\]*)" | (?P<word>true|false|null) ) \s*""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition of the shape `path = value` or `path != value`, which a script can follow without knowing FEEL."""

    path: str
    of_row: bool
    operator: str
    value: str


class Formula:
    """One parsed FEEL expression of a form."""

    __slots__ = ("_expression", "certain_names", "names", "source")

    def __init__(self, source: str, names: Iterable[str] = ()) -> None:
        """Parse `source`, with or without a leading `=`, or `${...}`; raise `ExpressionRefused`."""
        self.source = feel.to_feel(source).strip().removeprefix("=").strip()
        if not self.source:
            raise ExpressionRefused(source, "it is empty.")
        self._expression = feel.parse(self.source, frozenset(names))
        self.names = frozenset(self._expression.names)
        self.certain_names = self._expression.certain_names

    def evaluate(self, scope: Mapping[str, Json], now: datetime) -> Json:
        """Return the value as JSON; raise `BudgetSpent` or `ExpressionRefused`. `now` is an aware instant."""
        return self._expression.evaluate(scope, now=now, steps=STEPS)

    @property
    def comparison(self) -> Comparison | None:
        """Return the simple comparison that this is, or None."""
        found = _COMPARISON.fullmatch(self.source)
        if found is None:
            return None
        word = found["word"]
        value = found["text"] if word is None else "" if word == "null" else word
        return Comparison(found["path"], found["this"] is not None, found["op"], value)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with FEEL in it: the text with `INSERTION` where values go, and the formulas in their order.

    `plain` says that the whole text is one formula (`=...`); its value is shown as it is, without Markdown.
    """

    text: str
    formulas: tuple[Formula, ...] = ()
    plain: bool = False


def template(source: str, names: Iterable[str]) -> Template:
    """Parse the text of a text component; raise `ExpressionRefused` for broken FEEL, and for blocks and loops."""
    known = frozenset(names)
    source = source.replace(INSERTION, "")
    if source.lstrip().startswith("="):
        return Template(INSERTION, (Formula(source, known),), plain=True)
    formulas: list[Formula] = []
    text: list[str] = []
    here = 0
    while (begin := source.find("{{", here)) >= 0 and (end := source.find("}}", begin + 2)) >= 0:
        inner = source[begin + 2 : end].strip()
        if inner[:1] in ("#", "/"):
            raise ExpressionRefused(
                source[begin : end + 2],
                "blocks and loops in texts are not supported; use a condition on the component.",
            )
        formulas.append(Formula(inner, known))
        text += [source[here:begin], INSERTION]
        here = end + 2
    return Template("".join([*text, source[here:]]), tuple(formulas))


def shown(value: Json) -> str:
    """Return a JSON value as people read it in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
    return str(value)
