"""Sums over cases: under their names, by label, and the same whatever the order."""

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.distribution import bucket
from engine.metrics.sums import Sums, band


@dataclass(frozen=True)
class Case:
    """An ended case, as far as it is summed up."""

    status: str = "completed"
    outcome: str | None = "Agreed"
    priority: int = 50
    cycle_seconds: float = 100.0
    working_seconds: float = 60.0
    waiting_seconds: float = 40.0
    idle_seconds: float = 0.0
    effort_minutes: int | None = None
    hand_overs: int = 0
    failures: int = 0
    repeats: int = 0
    send_backs: int = 0
    first_time_right: bool = True
    feedback: int | None = None


@dataclass(frozen=True)
class Activities:
    """What happened at an element."""

    process_key: str = "p"
    element_id: str = "ask"
    completed: int = 3
    elapsed_seconds: float = 30.0
    claimed: int = 2
    waiting_seconds: float | None = 5.0
    working_seconds: float | None = 6.0
    repeated: int = 1
    repeats: int = 2
    failed: int = 0
    failures: int = 0


def summed(*cases: Case) -> dict[tuple[str, str], tuple[int, float]]:
    sums = Sums()
    for case in cases:
        sums.add_case(case)
    return dict(sums.as_mapping())


def test_a_case_stands_under_each_of_its_names() -> None:
    assert summed(Case()) == {
        ("cases", "completed"): (1, 100.0),
        ("outcome", "Agreed"): (1, 100.0),
        ("cycle", str(bucket(100))): (1, 100.0),
        ("working", str(bucket(60))): (1, 60.0),
        ("waiting", str(bucket(40))): (1, 40.0),
        ("idle", "0"): (1, 0.0),
        ("first_time_right", ""): (1, 0),
        ("priority", "normal"): (1, 100.0),
        ("priority_cycle", f"normal:{bucket(100)}"): (1, 100.0),
    }


def test_what_did_not_happen_leaves_no_entry() -> None:
    troubled = replace(Case(), outcome=None, first_time_right=False, repeats=3, effort_minutes=0, feedback=2)
    found = summed(Case(), troubled)
    expected = {
        ("repeats", ""): (1, 3),
        ("effort", ""): (1, 0),
        ("feedback", "2"): (1, 2),
        ("outcome", "Agreed"): (1, 100.0),
        ("first_time_right", ""): (1, 0),
    }
    assert {key: found[key] for key in expected} == expected
    assert ("failures", "") not in found


@pytest.mark.parametrize(
    ("priority", "name"), [(0, "low"), (39, "low"), (40, "normal"), (69, "normal"), (70, "high"), (100, "high")]
)
def test_bands_of_priority(priority: int, name: str) -> None:
    assert band(priority) == name


def test_elements_labels_and_values() -> None:
    sums = Sums()
    sums.add_activities(Activities())
    sums.add_activities(replace(Activities(), claimed=0, waiting_seconds=None, working_seconds=None, repeated=0))
    sums.add_label("person", "ann", 2, 5)
    sums.add_value("cost", 12.5)
    assert list(sums.items()) == [
        ("element", "p ask", 6, 60.0),
        ("element_repeats", "p ask", 1, 2.0),
        ("element_waiting", "p ask", 2, 5.0),
        ("element_working", "p ask", 2, 6.0),
        ("own:cost", "", 1, 12.5),
        ("own_bucket:cost", str(bucket(12.5)), 1, 12.5),
        ("person", "ann", 2, 5.0),
    ]


@given(st.lists(st.builds(Case, cycle_seconds=st.integers(0, 9999).map(float), feedback=st.integers(1, 5))))
def test_the_order_of_cases_does_not_matter(cases: list[Case]) -> None:
    assert summed(*cases) == summed(*random.Random(1).sample(cases, len(cases)))  # noqa: S311 - to be repeated
