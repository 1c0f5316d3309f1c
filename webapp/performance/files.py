"""Owns the figures of a process as CSV and JSON: every statistic, part and point of a trend; pure functions."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from engine.views.performance import ElementFigures, FigureFilter, MeasureFigures, Performance
from webapp.performance.drawings import band_words

HEADER = (
    "row",
    "kind",
    "measure",
    "key",
    "name",
    "unit",
    "value",
    "cases",
    "approximate",
    "before",
    "target",
    "light",
    "period_from",
    "period_to",
)


def rows(performance: Performance, elements: Iterable[ElementFigures]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the CSV file, in the order of `HEADER`; what was not recorded is an empty cell."""
    period = performance.filter.period
    ends = (period.first.isoformat(), period.last.isoformat())
    for measure in performance.measures:
        yield from _measure(measure, ends)
    for band in performance.backlog:
        yield _row("backlog", ends, kind="volumes", measure="backlog_age", name=band_words(band), value=band.count)
    for found in elements:
        yield from _element(found, ends)


def document(performance: Performance, elements: Iterable[ElementFigures]) -> dict[str, Any]:
    """Return the JSON document: the figures by their names in engine.views.performance, null for not recorded."""
    return {
        "process": {"key": performance.key, "name": performance.name, "reference": performance.reference},
        "filter": _filter(performance.filter),
        "framework": performance.framework,
        "measures": [_plain(asdict(measure)) for measure in performance.measures],
        "backlog": [_plain(asdict(band)) for band in performance.backlog],
        "elements": [_plain(asdict(found)) for found in elements],
        "unknown_targets": list(performance.unknown_targets),
    }


def _filter(asked: FigureFilter) -> dict[str, Any]:
    return {
        "from": asked.period.first.isoformat(),
        "to": asked.period.last.isoformat(),
        "version": asked.version,
        "service": asked.service,
        "organisation": asked.organisation,
        "priority": asked.priority,
        "group": asked.group,
    }


def _measure(measure: MeasureFigures, ends: tuple[str, str]) -> Iterator[tuple[Any, ...]]:
    common = {"kind": measure.kind, "measure": measure.key}
    for found in measure.statistics:
        yield _row(
            "statistic",
            ends,
            **common,
            key=found.key,
            name=found.name,
            unit=found.unit,
            value=found.value,
            cases=found.cases,
            approximate="yes" if found.approximate else "no",
            before=found.before,
            target=found.target,
            light=found.light,
        )
    for part in measure.parts:
        named = {**common, "key": part.label, "name": part.name or part.label}
        yield _row("part", ends, **named, unit="cases", value=part.count, cases=part.count)
        yield _row("part share", ends, **named, unit="share", value=part.share, cases=part.count)
        if part.total is not None:
            yield _row("part total", ends, **named, unit="times", value=part.total, cases=part.count)
        if part.cycle_seconds is not None:
            yield _row("part cycle time", ends, **named, unit="seconds", value=part.cycle_seconds, cases=part.count)
    for first, value in measure.trend:
        key, unit = (measure.statistics[0].key, measure.statistics[0].unit) if measure.statistics else (None, None)
        yield _row("trend", (first.isoformat(), ""), **common, key=key, unit=unit, value=value)


def _element(found: ElementFigures, ends: tuple[str, str]) -> Iterator[tuple[Any, ...]]:
    common = {"measure": found.process_key, "key": found.element_id, "name": found.name}
    for name, unit, value in (
        ("completed", "times", found.count),
        ("repeats", "times", found.repeats),
        ("failures", "times", found.failures),
        ("elapsed", "seconds", found.elapsed_seconds),
        ("waiting", "seconds", found.waiting_seconds),
        ("working", "seconds", found.working_seconds),
    ):
        yield _row(f"element {name}", ends, **common, unit=unit, value=value)


def _row(row: str, ends: tuple[str, str], **cells: Any) -> tuple[Any, ...]:
    filled = {"row": row, "period_from": ends[0], "period_to": ends[1], **cells}
    return tuple(filled.get(name) for name in HEADER)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
