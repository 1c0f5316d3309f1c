"""Owns one component's JSON while it is read: typed access to its properties, misfits reported; it makes no parts.

A `Source` knows the component's place in the form (its type, key, names in scope), so that a finding can say where it
belongs.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from engine.errors import ExpressionRefused
from engine.types import Json
from forms.expressions import Formula
from forms.findings import Report, Severity
from forms.numbers import places

T = TypeVar("T")
LARGEST, PLACES = 10**15, 15
NO_ROW: Mapping[str, Mapping[str, Json]] = MappingProxyType({})


class Source:
    """The JSON object of one component, and the report that its findings go to.

    `row` has the JSON of the fields that stand in the same row of a list, by key.
    """

    def __init__(
        self,
        json: Mapping[str, Json],
        report: Report,
        names: frozenset[str],
        *,
        in_row: bool,
        row: Mapping[str, Mapping[str, Json]] = NO_ROW,
    ) -> None:
        self.json, self.report, self.names, self.in_row, self.row = json, report, names, in_row, row
        self.type = json["type"] if isinstance(json.get("type"), str) else ""
        names_of_it = (json.get(name) for name in ("id", "key", "path"))
        self.element = next((name for name in names_of_it if isinstance(name, str) and name), None)
        label = json.get("label") or json.get("dateLabel") or json.get("timeLabel")
        self.name = label[:80] if isinstance(label, str) else None

    def refuse(self, rule: str, message: str, remedy: str, *, severity: Severity = "error") -> None:
        """Note a finding on this component."""
        who = f"{self.type or 'A component'} {self.element!r}: " if self.element else f"{self.type or 'A component'}: "
        self.report.add(rule, who + message, remedy, element=self.element, name=self.name, severity=severity)

    def section(self, name: str) -> Mapping[str, Json]:
        """Return the object under `name`, empty when it is missing."""
        found: Mapping[str, Json] = self._typed(self.json, name, dict, "an object", {})
        return found

    def text(self, name: str, default: str = "", *, of: Mapping[str, Json] | None = None, plain: bool = True) -> str:
        """Return the text under `name`; a plain one may hold no FEEL."""
        value: str = self._typed(self.json if of is None else of, name, str, "a text", default)
        if plain and (value.startswith("=") or "{{" in value):
            self.refuse(
                "form-template",
                f"{name} holds an expression, and labels are plain texts here.",
                "Write it out, or show the value in a text component.",
            )
        return value

    def flag(self, name: str, *, default: bool = False, of: Mapping[str, Json] | None = None) -> bool:
        """Return true or false under `name`."""
        value: bool = self._typed(self.json if of is None else of, name, bool, "true or false", default)
        return value

    def whole(self, name: str, lowest: int, highest: int, *, of: Mapping[str, Json] | None = None) -> int | None:
        """Return the whole number under `name`, or None when it is missing or no number within the limits."""
        value = (self.json if of is None else of).get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.refuse(
                "form-value", f"{name} has to be a whole number from {lowest} to {highest:,}.", "Mend the number."
            )
            return None
        return value

    def number(self, name: str, *, of: Mapping[str, Json] | None = None) -> Decimal | None:
        """Return the number under `name` (a JSON number, or a text that is one), or None when there is none."""
        value = (self.json if of is None else of).get(name)
        if value is None or value == "":
            return None
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = Decimal(str(value))
            except ArithmeticError:
                number = Decimal("NaN")
            if number.is_finite() and abs(number) < LARGEST and places(number) <= PLACES:
                return number
        self.refuse("form-value", f"{name} has to be a number with at most 15 digits.", "Mend the number.")
        return None

    def formula(self, value: Json, what: str) -> Formula | None:
        """Return the FEEL in `value`, or None after a finding."""
        if not isinstance(value, str):
            self.refuse(
                "form-value", f"{what} has to be a FEEL expression.", "Write it as a text that begins with `=`."
            )
            return None
        return self.attempt(lambda: Formula(value, self.names), "form-expression", f"{what} cannot be used")

    def bound(self, name: str, of: Mapping[str, Json], read: Callable[[], T | None]) -> T | Formula | None:
        """Return a limit that is given as a value or as FEEL (`=...`)."""
        value = of.get(name)
        return self.formula(value, name) if isinstance(value, str) and value.startswith("=") else read()

    def attempt(self, make: Callable[[], T], rule: str, what: str) -> T | None:
        """Return what `make` gives, or None after a finding when it raises `ExpressionRefused`."""
        try:
            return make()
        except ExpressionRefused as refusal:
            self.refuse(rule, f"{what}: {refusal.reason}", f"Mend it: {refusal.source[:200]}")
            return None

    def _typed(self, within: Mapping[str, Json], name: str, kind: type, words: str, default: Any) -> Any:
        value = within.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            self.refuse("form-value", f"{name} has to be {words}.", "Mend it in the form editor.")
            return default
        return value
