"""What is told of older periods: what is looked at first and what a target names, and nothing that was not read."""

from engine.figures.trend import older
from engine.metrics.process import ManagedProcess, OwnMeasure

PROCESS = ManagedProcess(
    "p",
    "P",
    measures=(
        OwnMeasure("judged", "Judged", "count"),
        OwnMeasure("to_judgement", "Time to judgement", "duration"),
        OwnMeasure("cost", "Cost", "field", "euro"),
    ),
)


def test_without_targets_cycle_and_waiting_time_are_told() -> None:
    found = older(PROCESS, ())
    assert found.times == ("cycle", "waiting")
    assert found.spreads == frozenset()
    assert all(map(found.tells, ("started", "outcomes", "cycle_time.p95", "waiting_time.median", "judged", "repeats")))
    assert not any(map(found.tells, ("idle_time.median", "people", "decisions", "to_judgement.p85", "cost.total")))


def test_what_a_target_names_is_told() -> None:
    found = older(PROCESS, ("working_time.mean", "to_judgement.p85"))
    assert found.times == ("cycle", "waiting", "working")
    assert found.spreads == {"to_judgement"}
    assert found.tells("working_time.median")
    assert found.tells("to_judgement.median")
    assert not found.tells("cost.median")
