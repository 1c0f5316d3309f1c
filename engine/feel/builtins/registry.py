"""Owns the built-in functions by name: their signatures, the fit of arguments and what each call costs.

A signature is written as FEEL documents it: `substring(string: string, start position: number, length: number?)`; `?`
marks what may be left out, `*` what may be repeated. Several functions may share a name; the first that fits is called.
A function raises `NoValue` (or an arithmetic error) when it has no result: the call gives null and the reason becomes a
warning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from engine.feel.budget import Run
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    FUNCTION,
    MONTHS,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    Function,
    NoValue,
    described,
    kind,
    native,
)  # fmt: skip

_KINDS: dict[str, frozenset[str]] = {
    "number": frozenset((NUMBER,)),
    "string": frozenset((STRING,)),
    "boolean": frozenset((BOOLEAN,)),
    "context": frozenset((CONTEXT,)),
    "date": frozenset((DATE,)),
    "day": frozenset((DATE, DATE_TIME)),
    "time": frozenset((TIME,)),
    "date time": frozenset((DATE_TIME,)),
    "temporal": frozenset((DATE, TIME, DATE_TIME)),
    "days": frozenset((DAYS,)),
    "duration": frozenset((DAYS, MONTHS)),
    "range": frozenset((RANGE,)),
    "function": frozenset((FUNCTION,)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `type` is a key of the kinds above, `list` (a single value is packed) or `any`."""

    name: str
    type: str
    optional: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """A signature with its function; `deep` says that it walks its arguments to the bottom."""

    signature: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]
    deep: bool


_OVERLOADS: dict[str, list[Overload]] = {}
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_UNFIT: Any = object()
_PLAIN_COST = 8
_callers: list[Callable[[Run, Function, Sequence[Any]], Any]] = []


def builtin(*signatures: str, deep: bool = False) -> Callable[
    [Callable[Concatenate[Run, _Arguments], _Result]], Callable[Concatenate[Run, _Arguments], _Result]
]:  # fmt: skip
    """Register the decorated function, which takes the run and then its arguments, under each of `signatures`."""

    def register(
        function: Callable[Concatenate[Run, _Arguments], _Result],
    ) -> Callable[Concatenate[Run, _Arguments], _Result]:
        for signature in signatures:
            add(signature, function, deep)
        return function

    return register


def add(signature: str, function: Callable[..., Any], deep: bool = False) -> None:
    """Register `function` (run, then arguments) under one signature."""
    name, _, rest = signature.partition("(")
    parameters = []
    for part in filter(None, (text.strip() for text in rest.rstrip(")").split(","))):
        parameter, _, of_type = part.rpartition(":")
        of_type = of_type.strip()
        parameters.append(
            Parameter(parameter.strip(), of_type.rstrip("?*"), of_type.endswith("?"), of_type.endswith("*"))
        )
    _OVERLOADS.setdefault(name, []).append(Overload(signature, tuple(parameters), function, deep))


def names() -> list[str]:
    """Return the names of all built-in functions."""
    return sorted(_OVERLOADS)


def signatures() -> Mapping[str, list[str]]:
    """Return the signatures of every built-in function, as the documentation prints them."""
    return {name: [overload.signature for overload in _OVERLOADS[name]] for name in names()}


def set_caller(caller: Callable[[Run, Function, Sequence[Any]], Any]) -> None:
    """Say how built-ins call functions that they were given; the interpreter does so once, at import."""
    _callers[:] = [caller]


def call_back(run: Run, function: Function, arguments: Sequence[Any]) -> Any:
    """Call a function that a built-in was given, such as the order of sort()."""
    return _callers[0](run, function, arguments)


def invoke(name: str, positional: Sequence[Any], named: Sequence[tuple[str, Any]], run: Run) -> Any:
    """Call the built-in `name`.

    Raise `NoValue` when no signature fits or there is no result, `BudgetSpent` when it costs too much.
    """
    for overload in _OVERLOADS[name]:
        arguments = _by_name(overload.parameters, named) if named else _by_position(overload.parameters, positional)
        if arguments is None:
            continue
        run.charge(1 + sum(len(value) for value in arguments if isinstance(value, list | str)) // _PLAIN_COST)
        if overload.deep:
            for value in arguments:
                if isinstance(value, list | Mapping):
                    run.charge_walk(value)
        try:
            result = overload.function(run, *arguments)
        except NoValue as reason:
            raise NoValue(f"{name}(): {reason}") from None
        except (ValueError, ArithmeticError) as error:
            raise NoValue(f"{name}(): there is no result for these values") from error
        if isinstance(result, list | str):
            run.charge(len(result) // _PLAIN_COST)
        return result
    given = ", ".join(
        f"{key}: {described(value)}" if key else described(value) for key, value in _listed(positional, named)
    )
    wanted = " or ".join(overload.signature for overload in _OVERLOADS[name])
    raise NoValue(f"{name}() cannot take ({given}); it is used as {wanted}")


def _listed(positional: Sequence[Any], named: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [*(("", value) for value in positional), *named]


def _fit(value: Any, parameter: Parameter) -> Any:
    value = native(value)
    wanted = parameter.type
    if value is None and parameter.optional and wanted != "number":
        return None
    if wanted == "any":
        return value
    if wanted == "list":
        return value if isinstance(value, list) else _UNFIT if value is None else [value]
    if type(value) is list and len(value) == 1:
        value = native(value[0])
    return value if kind(value) in _KINDS[wanted] else _UNFIT


def _by_position(parameters: tuple[Parameter, ...], values: Sequence[Any]) -> list[Any] | None:
    repeated = bool(parameters) and parameters[-1].repeated
    if len(values) < len(parameters) if repeated else len(values) > len(parameters):
        return None
    fitted: list[Any] = []
    for index, value in enumerate(values):
        argument = _fit(value, parameters[min(index, len(parameters) - 1)])
        if argument is _UNFIT:
            return None
        fitted.append(argument)
    for parameter in parameters[len(values) :]:
        if not parameter.optional:
            return None
        fitted.append(None)
    return fitted


def _by_name(parameters: tuple[Parameter, ...], named: Sequence[tuple[str, Any]]) -> list[Any] | None:
    given = dict(named)
    if not set(given) <= {parameter.name for parameter in parameters}:
        return None
    fitted: list[Any] = []
    for parameter in parameters:
        if parameter.name not in given:
            if not parameter.optional:
                return None
            fitted.append(None)
        elif parameter.repeated:
            values = native(given[parameter.name])
            fitted.extend(values if isinstance(values, list) else [values])
        else:
            argument = _fit(given[parameter.name], parameter)
            if argument is _UNFIT:
                return None
            fitted.append(argument)
    return fitted
