"""The registry: keys that nobody uses twice, definitions that say something, and the page that is made from it."""

from pathlib import Path

from engine.metrics.manual import renewed
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.registry import KINDS, MEASURES, measure_of, measures_of, statistics_of

PAGE = Path(__file__).parents[3] / "docs" / "measures.md"


def test_the_page_says_what_the_registry_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "renew it: python -m engine.metrics.manual docs/measures.md"
    assert all(f"`{statistic.key}`" in page for measure in MEASURES for statistic in measure.statistics)


def test_every_kind_has_measures_and_every_measure_a_definition() -> None:
    assert {each.kind for each in MEASURES} == KINDS.keys() - {"own"}
    for each in MEASURES:
        assert each.definition.endswith(".")
        assert each.statistics


def test_keys_are_unique_and_lead_to_their_measure() -> None:
    keys = [statistic.key for measure in MEASURES for statistic in measure.statistics]
    assert len(keys) == len(set(keys))
    for measure in MEASURES:
        assert {measure_of(statistic.key) for statistic in measure.statistics} == {measure.key}


def test_own_measures_come_last_with_their_own_words() -> None:
    own = (
        OwnMeasure("rounds", "Rounds", "count", better="lower"),
        OwnMeasure("value", "Value", "field", unit="EUR", definition="What it is worth."),
        OwnMeasure("reply", "Reply", "duration"),
        OwnMeasure("rate", "Rate", "ratio", unit="%", numerator="rounds", denominator="completed"),
    )
    process = ManagedProcess("p", "P", measures=own)
    rounds, value, reply, rate = measures_of(process)[-4:]
    assert (rounds.unit, rounds.better, rounds.kind) == ("times", "lower", "own")
    assert (value.unit, value.definition) == ("EUR", "What it is worth.")
    assert [each.key for each in reply.statistics] == ["reply.median", "reply.p85", "reply.p95", "reply.mean"]
    assert (rate.unit, rate.definition) == ("share", "rounds divided by completed.")
    assert "value.total" in statistics_of(process)
