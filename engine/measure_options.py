"""Owns what a form may name of a managed process: its measures, statistics and targets, in words; reading only."""

from sqlalchemy import Connection

from engine import managed
from engine.errors import InputRefused
from engine.forms_protocol import MeasureOptions, Option
from engine.metrics import targets
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import measures_of, statistics_of

_ANY = ManagedProcess(key="", name="")
"""Stands for every process: it has no measures of its own."""


def options(connection: Connection, process: str, what: MeasureOptions) -> list[Option]:
    """Return the measures or statistics of a managed process in the order of its pages; none if it is not there.

    An empty `process` means what every process has.
    """
    found = _find(connection, process)
    if found is None:
        return []
    if what == "measures":
        return [Option(measure.key, measure.name) for measure in measures_of(found)]
    return [Option(key, statistic.name) for key, statistic in statistics_of(found).items()]


def target_mistake(connection: Connection, process: str, statistic: str, text: str) -> str | None:
    """Return what is wrong with `text` as a target for a statistic, None also for a statistic that there is not."""
    found = _find(connection, process)
    known = statistics_of(found).get(statistic) if found is not None else None
    if known is None:
        return None
    try:
        targets.parse(text, known)
    except InputRefused as refused:
        return " ".join(message for messages in refused.messages.values() for message in messages)
    return None


def _find(connection: Connection, process: str) -> ManagedProcess | None:
    return managed.load(connection).get(process) if process else _ANY
