"""What becomes of a row: which column fills which field, what is the same for all rows, what is computed in FEEL."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine import feel
from engine.imports.source import FileRefused
from engine.types import Json


@dataclass(frozen=True, slots=True)
class RowMapping:
    """Fields filled from columns, with the same text in every row (`constants`), or in FEEL over the columns.

    In an expression a column stands under its name; other characters than letters, digits and _ become _. A field in a
    group of its own is named `group.field`.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Json] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)

    def check(self, columns: Sequence[str]) -> None:
        """Raise `FileRefused` for a column that is not there, `ExpressionRefused` for FEEL that does not parse.

        FEEL makes null of an unknown name: without this check a misspelt column would empty the field in every row.
        """
        if missing := sorted(set(self.columns.values()).difference(columns)):
            raise FileRefused(f"There is no column {', '.join(missing)}; there are {', '.join(columns)}.")
        known = Counter(map(_name, columns))
        for field_name, source in self.computed.items():
            for name in sorted(feel.parse(source).certain_names):
                if known[name] != 1:
                    fault = "is more than one column" if known[name] else "is no column"
                    there = ", ".join(known)
                    raise FileRefused(f"{name} in {field_name}={source} {fault}; expressions may use {there}.")

    def values(self, row: Mapping[str, str], now: datetime) -> dict[str, Json]:
        """Return the form values that the row gives; empty cells give none. Raises `BudgetSpent`."""
        values: dict[str, Json] = dict(self.constants)
        values |= {name: row[column] for name, column in self.columns.items() if row[column].strip()}
        if self.computed:
            context = {_name(column): cell for column, cell in row.items()}
            for name, source in self.computed.items():
                result = feel.parse(source).evaluate(context, now=now)
                if result is not None:
                    values[name] = result
        return _nested(values) if any("." in name for name in values) else values


def expression_names(columns: Sequence[str]) -> list[str]:
    """Return the names under which the columns stand in expressions, without those that two columns share."""
    return [name for name, times in Counter(map(_name, columns)).items() if times == 1]


def digest(values: Mapping[str, Json]) -> str:
    """Return the name of a row's content: the same values give the same name."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _name(column: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in column)


def _nested(values: Mapping[str, Json]) -> dict[str, Json]:
    nested: dict[str, Json] = {}
    for name, value in values.items():
        group, _, field_name = name.partition(".")
        if field_name:
            nested.setdefault(group, {})[field_name] = value
        else:
            nested[name] = value
    return nested
