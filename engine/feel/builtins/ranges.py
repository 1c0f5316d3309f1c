"""Owns how ranges and points lie to one another (before, meets, overlaps, ....

DMN 1.5, table 82) and range(), which reads one.
"""

from collections.abc import Callable
from typing import Any

from engine.errors import ExpressionRefused
from engine.feel import nodes
from engine.feel.budget import Run
from engine.feel.builtins.conversions import date_from_text, date_time_from_text, duration_from_text, time_from_text
from engine.feel.builtins.registry import add, builtin
from engine.feel.comparison import order
from engine.feel.names import Names
from engine.feel.parser import parse_expression
from engine.feel.temporal import parse_temporal
from engine.feel.values import NUMBERS, NoValue, Range, bounded

_READERS: dict[str, Callable[[Run, str], Any]] = {
    "date": date_from_text,
    "time": time_from_text,
    "date and time": date_time_from_text,
    "duration": duration_from_text,
}
_READER_NAMES = Names(_READERS)


def _sign(left: Any, right: Any) -> int:
    found = order(left, right)
    if found is None:
        raise NoValue("the values cannot be compared with one another")
    return found


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(True, value, value, True)


def _before(one: Range, two: Range) -> bool:
    sign = _sign(one.end, two.start)
    return sign < 0 or (sign == 0 and not (one.end_included and two.start_included))


def _includes(one: Range, two: Range) -> bool:
    start, end = _sign(one.start, two.start), _sign(two.end, one.end)
    return (start < 0 or (start == 0 and (one.start_included or not two.start_included))) and (
        end < 0 or (end == 0 and (one.end_included or not two.end_included))
    )


def _same_start(one: Range, two: Range) -> bool:
    return _sign(one.start, two.start) == 0 and one.start_included == two.start_included


def _same_end(one: Range, two: Range) -> bool:
    return _sign(one.end, two.end) == 0 and one.end_included == two.end_included


def _starts(one: Range, two: Range) -> bool:
    end = _sign(one.end, two.end)
    return _same_start(one, two) and (end < 0 or (end == 0 and (not one.end_included or two.end_included)))


def _finishes(one: Range, two: Range) -> bool:
    start = _sign(two.start, one.start)
    return _same_end(one, two) and (start < 0 or (start == 0 and (not one.start_included or two.start_included)))


def _coincides(one: Range, two: Range) -> bool:
    return _same_start(one, two) and _same_end(one, two)


def _meets(one: Range, two: Range) -> bool:
    return _sign(one.end, two.start) == 0 and one.end_included and two.start_included


def _starts_within(one: Range, two: Range) -> bool:
    """Say whether `two` begins before `one` has ended."""
    sign = _sign(two.start, one.end)
    return sign < 0 or (sign == 0 and one.end_included and two.start_included)


def _overlaps(one: Range, two: Range) -> bool:
    return _starts_within(one, two) and _starts_within(two, one)


def _overlaps_before(one: Range, two: Range) -> bool:
    start, end = _sign(one.start, two.start), _sign(one.end, two.end)
    return (
        (start < 0 or (start == 0 and one.start_included and not two.start_included))
        and _starts_within(one, two)
        and (end < 0 or (end == 0 and (not one.end_included or two.end_included)))
    )


def _turned(relation: Callable[[Range, Range], bool]) -> Callable[[Range, Range], bool]:
    return lambda one, two: relation(two, one)


def _register(name: str, relation: Callable[[Range, Range], bool], ranges_only: bool) -> None:
    def function(run: Run, one: Any, two: Any) -> bool:
        return relation(_as_range(one), _as_range(two))

    if ranges_only:
        add(f"{name}(range1: range, range2: range)", function)
        return
    for signature in (
        "range1: any, range2: any",
        "point: any, range: any",
        "range: any, point: any",
        "point1: any, point2: any",
    ):
        add(f"{name}({signature})", function)


for _name, _relation in (
    ("before", _before), ("after", _turned(_before)), ("includes", _includes), ("during", _turned(_includes)),
    ("starts", _starts), ("started by", _turned(_starts)), ("finishes", _finishes), ("finished by", _turned(_finishes)),
    ("coincides", _coincides),
):  # fmt: skip
    _register(_name, _relation, ranges_only=False)
for _name, _relation in (
    ("meets", _meets), ("met by", _turned(_meets)), ("overlaps", _overlaps),
    ("overlaps before", _overlaps_before), ("overlaps after", _turned(_overlaps_before)),
):  # fmt: skip
    _register(_name, _relation, ranges_only=True)


@builtin("range(from: string)")
def range_from_text(run: Run, text: str) -> Range:
    """Read a range whose ends are literals, such as `[1..10)`."""
    run.charge(len(text))
    try:
        node = parse_expression(text.strip(), _READER_NAMES)
    except ExpressionRefused as refused:
        raise NoValue(f"{text[:40]!r} is no range: {refused.reason}") from None
    if isinstance(node, nodes.Bound):
        bounds = bounded(node.operator, _constant(node.operand, run))
        if bounds is None:
            raise NoValue("the end is null")
        return bounds
    if not isinstance(node, nodes.RangeOf):
        raise NoValue(f"{text[:40]!r} is no range")
    start, end = _constant(node.start, run), _constant(node.end, run)
    if start is None and end is None:
        raise NoValue("both ends are null")
    if start is None or end is None:
        return Range(
            node.start_included and start is not None, start, end, node.end_included and end is not None, "open"
        )
    if _sign(start, end) > 0:
        raise NoValue("the start is after the end")
    return Range(node.start_included, start, end, node.end_included)


def _constant(node: nodes.Node, run: Run) -> Any:
    match node:
        case nodes.Literal(value=value):
            return value
        case nodes.TemporalLiteral(text=text):
            return parse_temporal(text)
        case nodes.Negation(operand=nodes.Literal(value=value)) if value is not None and not isinstance(
            value, str | bool
        ):
            return NUMBERS.minus(value)
        case nodes.Call(function=nodes.Name(name=name), positional=(nodes.Literal(value=str(text)),)) if (
            name in _READERS
        ):
            return _READERS[name](run, text)
        case _:
            raise NoValue("the ends of a range in a text are literals")
