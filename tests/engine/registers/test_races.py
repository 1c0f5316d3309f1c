"""Saves that happen at once: one wins, the others are told; numbers have no gap and no twin."""

from engine.errors import ConcurrentUpdate, InputRefused
from engine.types import ENGINE
from tests.engine.registers.world import KEEPER, need, save
from tests.engine.stage import ANN, Stage, at_once

ROUNDS = 4


def test_of_two_saves_of_the_same_version_one_wins_and_the_other_is_told(registers: Stage) -> None:
    other = registers.another()
    for _ in range(ROUNDS):
        ref = need(registers, "one")
        outcomes = at_once(
            lambda: registers.engine.registers.save("needs", ref.id, {"title": "kim"}, base=1, actor=KEEPER),  # noqa: B023 - run at once
            lambda: other.engine.registers.save("needs", ref.id, {"title": "engine"}, base=1, actor=ENGINE),  # noqa: B023
        )
        (won,) = [index for index, each in enumerate(outcomes) if each.error is None]
        error = outcomes[1 - won].error
        assert isinstance(error, ConcurrentUpdate)
        assert (error.by, error.at) == (("kim", "engine")[won], registers.clock.now)
        detail = registers.engine.registers.record("needs", ref.id, ANN)
        assert (detail.version, detail.row.title, detail.body["title"]) == (2, *[("kim", "engine")[won]] * 2)
        assert len(detail.versions) == 2
    other.close()


def test_new_records_at_once_get_numbers_without_gap_or_twin(registers: Stage) -> None:
    other = registers.another()
    outcomes = at_once(*(lambda each=each: need(each, "one").id for each in (registers, other) * 4))
    assert [each.error for each in outcomes] == [None] * 8
    assert sorted(each.result for each in outcomes) == [f"N-{count:04d}" for count in range(1, 9)]
    other.close()


def test_of_two_records_with_one_identifier_one_is_made(registers: Stage) -> None:
    other = registers.another()
    for count in range(ROUNDS):
        outcomes = at_once(
            *(lambda each=each: save(each, "customers", code=f"c{count}", name="C") for each in (registers, other))  # noqa: B023
        )
        (error,) = [each.error for each in outcomes if each.error]
        assert isinstance(error, InputRefused)
        assert list(error.messages) == ["code"]
    other.close()


def test_a_singleton_is_made_once(registers: Stage) -> None:
    other = registers.another()
    outcomes = at_once(*(lambda each=each: save(each, "policy", text="x") for each in (registers, other) * 2))
    assert [each.error is None for each in outcomes].count(True) == 1
    assert all(isinstance(each.error, InputRefused) for each in outcomes if each.error)
    assert registers.value("select count(*) from record where register = 'policy'") == 1
    assert registers.value("select next from number_sequence where name = 'register:policy'") == 2
    other.close()
