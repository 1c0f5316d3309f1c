"""Owns which value conforms to which type, and the few conversions DMN makes on the way (DMN 1.5, 10.3.2.9)."""

from typing import Any

from engine.feel import nodes
from engine.feel.budget import Run
from engine.feel.compiler import Environment, TypeCheck, compile_node, compiles
from engine.feel.cursor import Refusal
from engine.feel.nodes import TypeNode
from engine.feel.scope import Code, Scope
from engine.feel.temporal import midnight
from engine.feel.values import (
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    FUNCTION,
    LIST,
    MONTHS,
    RANGE,
    Function,
    NoValue,
    described,
    kind,
    native,
)  # fmt: skip

_SPELLINGS = {
    "any": "Any", "Context": CONTEXT, "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS, "day time duration": DAYS, "yearMonthDuration": MONTHS, "year month duration": MONTHS,
}  # fmt: skip
_BASIC = frozenset(
    (
        "number",
        "string",
        "boolean",
        DATE,
        "time",
        DATE_TIME,
        DAYS,
        MONTHS,
        "Any",
        "Null",
        CONTEXT,
        LIST,
        RANGE,
        FUNCTION,
    )
)


def basic_type(name: str) -> str | None:
    """Return FEEL's own name of a type, whatever spelling DMN's versions use; None when it is no basic type."""
    name = _SPELLINGS.get(name, name)
    return name if name in _BASIC else None


def is_instance(value: Any, wanted: TypeNode, environment: Environment, run: Run) -> bool:
    """Say whether `value` is of type `wanted`, without converting anything."""
    if value is None:
        return wanted.name == "Null"
    of_kind = kind(value)
    if not _is_plain(wanted):
        return of_kind == wanted.name and _parts_match(value, of_kind, wanted, environment, run)
    check = environment.types.get(wanted.name)
    if check is not None:
        try:
            return kind(check(value, run)) == of_kind
        except NoValue:
            return False
    name = basic_type(wanted.name)
    return name in ("Any", of_kind)


def _is_plain(wanted: TypeNode) -> bool:
    return not wanted.items and not wanted.entries and wanted.result is None


def _parts_match(value: Any, of_kind: str, wanted: TypeNode, environment: Environment, run: Run) -> bool:
    def nullable(part: Any, of_type: TypeNode) -> bool:
        return part is None or is_instance(native(part), of_type, environment, run)

    if of_kind == LIST:
        return all(nullable(item, wanted.items[0]) for item in value)
    if of_kind == RANGE:
        return nullable(value.start, wanted.items[0]) and nullable(value.end, wanted.items[0])
    if of_kind == CONTEXT:
        return all(name in value and nullable(value[name], of_type) for name, of_type in wanted.entries)
    return isinstance(value, Function) and _takes(value, wanted.items)


def _takes(function: Function, wanted: tuple[TypeNode, ...]) -> bool:
    if function.builtin:
        return True
    written = function.written or (None,) * len(function.parameters)
    return len(written) == len(wanted) and all(
        own is None or own == given or own.name == "Any" or given.name == "Null"
        for own, given in zip(written, wanted, strict=True)
    )


def type_check(wanted: TypeNode | None, environment: Environment) -> TypeCheck | None:
    """Return the check of values against a written type, None for no type; raise `Refusal` for an unknown name."""
    if wanted is None:
        return None
    _refuse_unknown(wanted, environment)

    def check(value: Any, run: Run) -> Any:
        return conformed(value, wanted, environment, run)

    return check


def _refuse_unknown(wanted: TypeNode, environment: Environment) -> None:
    waiting = [wanted]
    while waiting:
        part = waiting.pop()
        if _is_plain(part) and part.name not in environment.types and basic_type(part.name) is None:
            raise Refusal(f"there is no type named {part.name!r}", part.at)
        waiting.extend(
            (*part.items, *(of_type for _, of_type in part.entries), *([part.result] if part.result else ()))
        )


def conformed(value: Any, wanted: TypeNode, environment: Environment, run: Run) -> Any:
    """Return `value` as `wanted`.

    Itself, a list of one unpacked, packed into a list, a date as date-time; else `NoValue`.
    """
    value = native(value)
    if value is None:
        return None
    if _is_plain(wanted) and wanted.name in environment.types:
        return environment.types[wanted.name](value, run)
    if is_instance(value, wanted, environment, run):
        return value
    if type(value) is list and len(value) == 1 and wanted.name != LIST:
        only = native(value[0])
        if is_instance(only, wanted, environment, run):
            return only
    if (
        wanted.name == LIST
        and wanted.items
        and type(value) is not list
        and is_instance(value, wanted.items[0], environment, run)
    ):
        return [value]
    if _is_plain(wanted) and basic_type(wanted.name) == DATE_TIME and kind(value) == DATE:
        return midnight(value)
    raise NoValue(f"{described(value)} is not of type {wanted.name}")


@compiles(nodes.InstanceOf)
def _instance_of(node: nodes.InstanceOf, environment: Environment) -> Code:
    _refuse_unknown(node.type, environment)
    value = compile_node(node.value, environment)

    def evaluate(scope: Scope) -> bool:
        found = value(scope)
        if isinstance(found, list | dict):
            scope.run.charge_walk(found)
        return is_instance(found, node.type, environment, scope.run)

    return evaluate
