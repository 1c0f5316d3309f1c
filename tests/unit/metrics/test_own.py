"""A process's own measures: counts, durations, fields; what was not recorded has no value."""

from typing import Any

import pytest

from engine import events
from engine.metrics.process import EventPattern, OwnMeasure
from engine.types import Json, RecordRef
from tests.unit.metrics.logs import Event, completed, done, figures, opened, started

NEED = RecordRef("needs", "N-0001", 2)
BODIES: dict[RecordRef, dict[str, Json]] = {
    NEED: {"cost": 12.5, "title": "x", "requirement": {"register": "requirements", "id": "R-1", "version": 1}},
    RecordRef("requirements", "R-1", 1): {"days": 3},
}
LOG = (
    started(),
    opened(0, "a"),
    done(10, "a", outcome="returned"),
    opened(10, "b"),
    done(30, "b", outcome="agreed"),
    Event(30, events.MESSAGE_SENT, interface="message:Need"),
    completed(40),
)


def value(**measure: Any) -> float | None:
    own = OwnMeasure("m", "M", **measure)
    variables: dict[str, Json] = {"need": NEED.as_json(), "total": {"net": 7}, "gone": RecordRef("x", "y", 1).as_json()}
    return figures(*LOG, measures=(own,), variables={**variables, "flag": True}, bodies=BODIES).values.get("m")


def test_a_count() -> None:
    assert value(kind="count", of=EventPattern(element="ask")) == 2
    assert value(kind="count", of=EventPattern(element="ask", outcome="returned")) == 1
    assert value(kind="count", of=EventPattern(kind="message.sent", interface="message:Need")) == 1
    assert value(kind="count", of=EventPattern(element="other")) == 0


def test_a_duration_runs_from_the_first_to_the_first_after_it() -> None:
    ask, end = EventPattern(element="ask"), EventPattern(kind="case.completed")
    assert value(kind="duration", since=ask, until=ask) == 20 * 60
    assert value(kind="duration", since=ask, until=end) == 30 * 60
    assert value(kind="duration", since=end, until=ask) is None
    assert value(kind="duration", since=EventPattern(element="other"), until=end) is None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("total.net", 7),
        ("need.cost", 12.5),
        ("need.requirement.days", 3),
        ("need.title", None),
        ("need", None),
        ("need.missing", None),
        ("gone.cost", None),
        ("total.net.more", None),
        ("flag", None),
        ("nothing", None),
    ],
)
def test_a_field(path: str, found: float | None) -> None:
    assert value(kind="field", field=path) == found


def test_a_ratio_is_made_of_sums_elsewhere() -> None:
    assert value(kind="ratio", numerator="a", denominator="b") is None


@pytest.mark.parametrize("number", [10**400, float("inf"), float("nan")])
def test_numbers_that_cannot_be_summed_are_not_recorded(number: float) -> None:
    own = OwnMeasure("m", "M", "field", field="n")
    assert figures(*LOG, measures=(own,), variables={"n": number}).values == {}
