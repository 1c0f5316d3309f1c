"""Figures held against the targets of a framework: the light of a statistic, the worst light of a process."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.figures.framework import Framework
from engine.figures.values import Figure
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import StatisticDefinition, statistics_of
from engine.metrics.targets import Target, judge
from engine.views.performance import Light

WORST_FIRST: Final[Sequence[Light]] = ("red", "amber", "grey", "green", "none")


def light_of(statistic: StatisticDefinition, figure: Figure, targets: Sequence[Target]) -> tuple[Light, str]:
    """Return the worst light that `targets` give a figure, and why; without targets only why there is no value."""
    cases = None if statistic.counts else figure.cases
    judged = [judge(figure.value, cases, target) for target in targets]
    light, why = min(judged, key=lambda each: WORST_FIRST.index(each[0]), default=("none", ""))
    return light, " ".join(filter(None, (figure.why, why)))


def worst(process: ManagedProcess, framework: Framework, figures: Mapping[str, Figure]) -> tuple[Light, str]:
    """Return the worst light of a process's targets, and a sentence that names the target and what there is instead.

    Nothing to judge by is no light: no framework, or one without targets.
    """
    if framework.ref is None:
        return "none", "No framework is in force." if process.framework else "It has no framework."
    if not framework.targets:
        return "none", "The framework in force sets no targets."
    statistics = statistics_of(process)
    found: list[tuple[Light, str]] = []
    for key, targets in framework.targets.items():
        light, why = light_of(statistics[key], figures[key], targets)
        found.append((light, f"{statistics[key].name}: {why}"))
    light, why = min(found, key=lambda each: WORST_FIRST.index(each[0]))
    if light == "green":
        return light, "All targets are met." if len(found) > 1 else why
    missed = sum(each == light for each, _ in found)
    others = missed - 1
    return light, why if not others else f"{why} And {others} more."
