"""What a form may name of a managed process, from what is deployed."""

import pytest

from engine import managed
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
from engine.registers.options import ActorOptions
from tests.engine.stage import ADA, ANN, OLGA, Stage

A21 = ManagedProcess(
    key="a21",
    name="Requirements",
    cases=("p",),
    measures=(OwnMeasure("rounds", "Rounds", "count", of=EventPattern(element="agree")),),
)


@pytest.fixture
def options(stage: Stage) -> ActorOptions:
    with stage.engine.database.write() as connection:
        managed.store(connection, [A21], stage.clock())
    return stage.engine.registers.options(ANN)


def test_measures_are_the_usual_ones_and_its_own(options: ActorOptions) -> None:
    offered = {option.value: option.label for option in options.measures("a21", "measures")}
    assert (offered["cycle_time"], offered["rounds"]) == ("Cycle time", "Rounds")
    assert list(offered)[-1] == "rounds"


def test_statistics_are_what_targets_are_set_for(options: ActorOptions) -> None:
    offered = {option.value for option in options.measures("a21", "statistics")}
    assert {"cycle_time.median", "cycle_time.p85", "first_time_right", "rounds.mean"} <= offered
    assert "cycle_time" not in offered


def test_without_a_process_there_are_those_of_every_process(options: ActorOptions) -> None:
    offered = {option.value for option in options.measures("", "measures")}
    assert "cycle_time" in offered
    assert "rounds" not in offered


def test_a_process_that_is_not_there_has_none(options: ActorOptions) -> None:
    assert options.measures("a22", "measures") == []
    assert options.target_mistake("a22", "cycle_time.median", "soon") is None


@pytest.mark.parametrize("text", ["at most 5 days", "<= 36 h", "5 days"])
def test_a_target_that_fits_has_no_mistake(options: ActorOptions, text: str) -> None:
    assert options.target_mistake("a21", "cycle_time.median", text) is None


@pytest.mark.parametrize(
    ("statistic", "text"),
    [
        ("cycle_time.median", "soon"),
        ("cycle_time.median", "at most 90 %"),
        ("first_time_right", "5 days"),
        ("rounds", "2"),
    ],
)
def test_a_target_that_does_not_fit_is_told_in_a_sentence(options: ActorOptions, statistic: str, text: str) -> None:
    mistake = options.target_mistake("a21", statistic, text)
    assert mistake is not None
    assert mistake.endswith(".")


def test_a_statistic_that_is_not_there_is_no_mistake_of_the_text(options: ActorOptions) -> None:
    assert options.target_mistake("a21", "gone.mean", "soon") is None


def test_everybody_is_offered_the_same(stage: Stage, options: ActorOptions) -> None:
    for actor in (ADA, OLGA):
        assert stage.engine.registers.options(actor).measures("a21", "statistics") == options.measures(
            "a21", "statistics"
        )
