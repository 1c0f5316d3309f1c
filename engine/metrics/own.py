"""What the measures that a process owner has added come to in one ended case; ratios are made of sums, elsewhere."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.metrics.log_facts import LogEvent, matches
from engine.metrics.process import EventPattern, OwnMeasure
from engine.types import Json, RecordRef

Resolver = Callable[[RecordRef], Mapping[str, Json] | None]
"""Returns the body of a version of a work product, None when there is none."""


def own_values(
    measures: Iterable[OwnMeasure], log: Sequence[LogEvent], variables: Mapping[str, Json], resolve: Resolver
) -> dict[str, float]:
    """Return what each of `measures` came to, by key; one that was not recorded is left out."""
    values = ((each.key, _value(each, log, variables, resolve)) for each in measures)
    return {key: value for key, value in values if value is not None}


def _value(
    measure: OwnMeasure, log: Sequence[LogEvent], variables: Mapping[str, Json], resolve: Resolver
) -> float | None:
    if measure.kind == "count" and measure.of is not None:
        return float(sum(matches(event, measure.of) for event in log))
    if measure.kind == "duration" and measure.since is not None and measure.until is not None:
        return _duration(measure.since, measure.until, log)
    if measure.kind == "field" and measure.field:
        return _number(_at_path(variables, measure.field, resolve))
    return None


def _duration(since: EventPattern, until: EventPattern, log: Sequence[LogEvent]) -> float | None:
    """Return the seconds from the first event that matches `since` to the first one after it that matches `until`."""
    began = None
    for event in log:
        if began is None:
            began = event.at if matches(event, since) else None
        elif matches(event, until):
            return max(0.0, (event.at - began).total_seconds())
    return None


def _at_path(data: Json, path: str, resolve: Resolver) -> Json:
    """Return what stands at the dotted `path`; a reference on the way is read through, None where there is nothing."""
    for step in path.split("."):
        reference = RecordRef.from_json(data)
        found = resolve(reference) if reference is not None else data
        data = found.get(step) if isinstance(found, Mapping) else None
    return data


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
