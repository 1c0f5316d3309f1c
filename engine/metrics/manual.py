"""Owns the tables of `docs/measures.md`, made from the registry so that both say the same; a test compares them.

`python -m engine.metrics.manual docs/measures.md` writes them anew; the words around them are the page's own.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.metrics.registry import KINDS, MEASURES, Better, Measure, StatisticDefinition

BEGIN: Final = "<!-- made from the registry: begin -->"
END: Final = "<!-- made from the registry: end -->"
_BETTER: Final[dict[Better | None, str]] = {"lower": "lower", "higher": "higher", None: ""}
_UNITS: Final = {"seconds": "length of time", "minutes": "length of work", "share": "%", "score": "points, 1 to 5"}


def renewed(page: str) -> str:
    """Return `page` (Markdown) with the tables between its two marks made anew; raise `ValueError` without marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the marks {BEGIN} and {END}")
    tables = "\n".join(_kinds()).strip()
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def _kinds() -> Iterator[str]:
    for kind, heading in KINDS.items():
        measures = [each for each in MEASURES if each.kind == kind]
        if measures:
            yield f"## {heading}"
            yield "| measure | what it counts | statistics | unit | better |\n|---|---|---|---|---|"
            yield from map(_row, measures)
            yield ""


def _row(measure: Measure) -> str:
    statistics = "<br>".join(map(_statistic, measure.statistics))
    unit = _UNITS.get(measure.unit, measure.unit)
    return f"| {measure.name} | {measure.definition} | {statistics} | {unit} | {_BETTER[measure.better]} |"


def _statistic(statistic: StatisticDefinition) -> str:
    return f"`{statistic.key}` {statistic.name}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
