"""Owns a script task's script: parsed once, run many times on the variables that it names; it knows no BPMN."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from textwrap import dedent
from typing import Any, Final

from engine.errors import StepFailed
from engine.json_data import NotData, checked
from engine.scripting import sandbox
from engine.scripting.names import names_of
from engine.types import Json

_RESULT: Final = "_comity_result"


class ScriptFailed(StepFailed):
    """A script did not run to its end, or brought back what data cannot hold; `line` is its line, counted from 1."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script: `reads` are the variables it may be given, `assigns` those it may set at its top level.

    `changes` are those that it changes within and does not set: what becomes of them is lost.
    """

    source: str
    reads: frozenset[str]
    assigns: frozenset[str]
    changes: frozenset[str]
    _code: str = field(repr=False)

    @classmethod
    def of(cls, source: str) -> "Script":
        """Return the script that `source` writes; its common indentation does not count. Raises `ExpressionRefused`."""
        return _script(source)

    def run(self, inputs: Mapping[str, Json], *, now: datetime) -> dict[str, Json]:
        """Return the variables that the script sets; `now` (aware) is what its clock says. Raises `ScriptFailed`."""
        try:
            brought = sandbox.run(self._code, inputs, now=now)
        except sandbox.SandboxError as error:
            lines = self.source.count("\n") + 1
            raise ScriptFailed(error.reason, line=error.line if error.line and error.line <= lines else None) from None
        result: dict[str, Json] = {}
        try:
            for name in sorted(brought):
                result[name] = checked(_plain(brought[name]), name)
            checked(result)
        except (NotData, RecursionError) as error:
            raise ScriptFailed(str(error)) from None
        return result


@lru_cache(1_024)
def _script(source: str) -> Script:
    text = dedent(source.replace("\r\n", "\n")).rstrip()
    names = names_of(text)
    lines = [text, f"{_RESULT} = {{}}"]
    for name in sorted(names.assigns):
        # A name set in a branch that did not run is not there: nothing else tells.
        lines += ["try:", f"    {_RESULT}[{name!r}] = {name}", "except NameError:", "    pass"]
    return Script(text, names.reads, names.assigns, names.changes, "\n".join([*lines, _RESULT]))


def _plain(value: Any) -> Any:
    """Return dates and decimals as data has them; everything else as it is."""
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise NotData("A date and time has no time zone.")
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
