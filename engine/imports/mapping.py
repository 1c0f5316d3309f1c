"""What becomes of a row: which column fills which field, what is the same for all rows, what is computed in FEEL."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine import feel
from engine.types import Json


@dataclass(frozen=True, slots=True)
class RowMapping:
    """Fields filled from columns, with the same text in every row (`constants`), or in FEEL over the columns.

    In an expression a column stands under its name; other characters than letters, digits and _ become _.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Json] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `ExpressionRefused` for an expression that does not parse."""
        for source in self.computed.values():
            feel.parse(source)

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
        return values


def digest(values: Mapping[str, Json]) -> str:
    """Return the name of a row's content: the same values give the same name."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _name(column: str) -> str:
    return "".join(letter if letter.isalnum() or letter == "_" else "_" for letter in column)
