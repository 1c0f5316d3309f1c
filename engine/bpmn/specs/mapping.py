"""Owns input and output parameters of activities, as Camunda 7 has them; it reads no model.

Input parameters are variables local to the activity, worked out when it begins from the variables around it. What the
activity writes to a local name stays there; what it writes elsewhere goes outwards. Output parameters are worked out
when it is completed, from what the activity sees, and set around it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine import feel
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.errors import StepFailed
from engine.json_data import NotData, checked
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.specs.activity import Activity


RESULT: Final = "result"
"""Where a token that is completed notes what output parameters may read besides variables."""

BROUGHT: Final = "out"
"""Where an instance that is completed notes what it brings besides what it wrote."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: an expression, a list of such, or a mapping; None is null. `literal` is its plain text, if it is.

    `line` is where it stands in the file.
    """

    name: str
    value: "Value"
    literal: str | None = None
    line: int | None = None


Value = feel.Expression | Sequence["Value"] | Mapping[str, "Value"] | None
"""What a parameter is made of."""


@dataclass(frozen=True, slots=True)
class Mappings:
    """The parameters of one activity."""

    inputs: Sequence[Parameter] = ()
    outputs: Sequence[Parameter] = ()

    def made_from(self) -> set[str]:
        """Return the variables from which the input parameters are worked out."""
        return _names(self.inputs)

    def values_in(self, activity: "Activity", token: Token) -> dict[str, Json]:
        """Return the input parameters as they come to before any is set. Raises `StepFailed`."""
        values = _values(self.inputs, activity, token)
        Variables(token).note_seen(self.made_from())
        return values

    def bring_out(self, activity: "Activity", token: Token) -> None:
        """Set the output parameters around the activity; those of an instance are what it brings."""
        if not self.outputs:
            return
        values = _values(self.outputs, activity, token, token.notes.get(RESULT))
        Variables(token).note_seen(_names(self.outputs))
        if activity.collects(token):
            token.notes[BROUGHT] = values
        else:
            Variables(token, around=True).bring(values)


def _values(
    parameters: Sequence[Parameter], activity: "Activity", token: Token, extra: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for parameter in parameters:
        try:
            value = _value(parameter.value, lambda expression: activity.value(expression, token, extra))
            found[parameter.name] = checked(value, parameter.name)
        except NotData as error:
            raise StepFailed(str(error), line=parameter.line) from error
    return found


def _names(parameters: Sequence[Parameter]) -> set[str]:
    """Return the variables that the parameters may read."""
    return {name for parameter in parameters for name in _read(parameter.value)}


def _read(value: Value) -> Iterator[str]:
    if isinstance(value, feel.Expression):
        yield from value.names
    elif value is not None:
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _read(part)


def _value(value: Value, evaluate: Callable[[feel.Expression], Json]) -> Json:
    if isinstance(value, feel.Expression):
        return evaluate(value)
    if isinstance(value, Mapping):
        return {name: _value(part, evaluate) for name, part in value.items()}
    return None if value is None else [_value(part, evaluate) for part in value]
