"""What happened at the elements of models in the cases that count: the heat map. It knows the models by their facts."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from engine.definitions import Definition
from engine.figures.ended import Ended
from engine.figures.scope import Scope
from engine.figures.tally import Sum, Tally
from engine.views.performance import ElementFigures

_SHOWN: Final = ("element", "element_repeats", "element_failures")


def elements(connection: Connection, scope: Scope, definitions: Iterable[Definition]) -> list[ElementFigures]:
    """Return the elements that some case came to, in the order of `definitions` and their models.

    Gateways have no figures. An element that is in none of `definitions` any more comes last, called by its id.
    """
    ended = Ended(connection, scope, (scope.filter.period,))
    ended.add_elements()
    (tally,) = ended.tallies
    known = {
        f"{definition.key} {element.id}": (element.name or element.id, element.kind)
        for definition in definitions
        for element in definition.facts.elements
    }
    reached = {label for name in _SHOWN for label, each in tally.labels(name).items() if each.count or each.total}
    order = [label for label in known if label in reached] + sorted(reached - known.keys())
    return [_element(tally, label, *known.get(label, (label.partition(" ")[2], ""))) for label in order]


def _element(tally: Tally, label: str, name: str, kind: str) -> ElementFigures:
    process_key, _, element_id = label.partition(" ")
    done = tally.sum("element", label)
    return ElementFigures(
        process_key=process_key,
        element_id=element_id,
        name=name,
        kind=kind,
        count=done.count,
        repeats=int(tally.sum("element_repeats", label).total),
        failures=int(tally.sum("element_failures", label).total),
        elapsed_seconds=_mean(done),
        waiting_seconds=_mean(tally.sum("element_waiting", label)),
        working_seconds=_mean(tally.sum("element_working", label)),
    )


def _mean(found: Sum) -> float | None:
    return found.total / found.count if found.count else None
