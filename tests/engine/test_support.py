"""Supporters of records: once each, counted, and never a way to see what is not theirs."""

from functools import partial

import pytest

from engine.errors import InputRefused, NotFound, NotPermitted
from engine.types import ENGINE, Actor
from tests.engine.registers.world import REGISTERS, deploy, need
from tests.engine.stage import ADA, ANN, BEN, OLGA, OTTO, Stage, at_once

SUPPORTED = REGISTERS.replace(
    b"statuses: [new, final]", b"statuses: [new, gone]\n    closed: [gone]\n    supported: true", 1
)
CHANGED = {"title": "Pens", "organisation": "acme", "originator": "olga"}
NORA = Actor("nora", "Nora Neighbour", frozenset({"originator"}), frozenset(), "acme")


@pytest.fixture
def needs(stage: Stage) -> Stage:
    deploy(stage, registers=SUPPORTED)
    need(stage, "Pens", originator="olga")
    return stage


def supporters(stage: Stage, actor: Actor = ANN) -> list[tuple[str | None, str | None, str | None]]:
    rows = stage.engine.support.supporters("needs", "N-0001", actor)
    return [(row.person.id if row.person else None, row.organisation_id, row.note) for row in rows]


def count(stage: Stage) -> int:
    return stage.engine.registers.page("needs", ANN).rows[0].supporters


def test_supporting_twice_is_supporting_once_with_the_newer_note(needs: Stage) -> None:
    support = needs.engine.support
    support.support("needs", "N-0001", actor=NORA, note=" red ones ")
    needs.clock.pass_by(hours=1)
    support.support("needs", "N-0001", actor=NORA, note="blue ones")
    assert supporters(needs) == [("nora", "acme", "blue ones")]
    assert count(needs) == 1
    assert needs.engine.registers.record("needs", "N-0001", ENGINE).row.supporters == 1
    support.end_support("needs", "N-0001", actor=NORA)
    support.end_support("needs", "N-0001", actor=NORA)
    assert (supporters(needs), count(needs)) == ([], 0)


def test_staff_note_organisations_that_support_a_record(needs: Stage) -> None:
    support = needs.engine.support
    support.support("needs", "N-0001", actor=ANN, organisation="zenith", note="by phone")
    support.support("needs", "N-0001", actor=BEN, organisation="zenith")
    support.support("needs", "N-0001", actor=ANN, organisation="acme")
    support.support("needs", "N-0001", actor=ANN)
    assert sorted(supporters(needs), key=str) == sorted(
        [(None, "zenith", None), (None, "acme", None), ("ann", "home", None)], key=str
    )
    assert [found.own for found in support.supported_by(NORA)] == [False]
    assert support.supported_by(OTTO) == [], "noted for their organisation, but the record is not theirs to see"
    support.end_support("needs", "N-0001", actor=BEN, organisation="acme")
    assert count(needs) == 2
    for organisation in ("nowhere", "x" * 64, ""):
        with pytest.raises(InputRefused):
            support.support("needs", "N-0001", actor=ANN, organisation=organisation)
    for action in (support.support, support.end_support):
        with pytest.raises(NotPermitted):
            action("needs", "N-0001", actor=NORA, organisation="acme")


def test_who_may_not_see_a_record_does_not_learn_that_it_is_there(needs: Stage) -> None:
    support = needs.engine.support
    for actor in (OTTO, ADA):
        for action in (support.support, support.end_support):
            with pytest.raises(NotFound) as refused:
                action("needs", "N-0001", actor=actor)
            with pytest.raises(NotFound) as missing:
                action("needs", "N-0009", actor=actor)
            assert str(refused.value).replace("0001", "0009") == str(missing.value)
        with pytest.raises(NotFound):
            support.supporters("needs", "N-0001", actor)
        assert support.supported_by(actor) == []
    for register, record in (("answers", "A-0001"), ("nowhere", "N-0001"), ("needs", "N-0001\0"), ("\0", "x")):
        with pytest.raises(NotFound):
            support.support(register, record, actor=ANN)
    assert count(needs) == 0


def test_ones_own_and_closed_records_are_not_supported(needs: Stage) -> None:
    with pytest.raises(NotPermitted, match="your own"):
        needs.engine.support.support("needs", "N-0001", actor=OLGA)
    needs.engine.support.support("needs", "N-0001", actor=NORA)
    needs.engine.registers.save("needs", "N-0001", CHANGED, actor=ENGINE, status="gone")
    with pytest.raises(InputRefused, match="gone"):
        needs.engine.support.support("needs", "N-0001", actor=ANN)
    needs.engine.support.end_support("needs", "N-0001", actor=ENGINE)
    with pytest.raises(InputRefused):
        needs.engine.support.support("needs", "N-0001", actor=NORA, note="x" * 1001)


def test_originators_see_how_many_and_themselves(needs: Stage) -> None:
    needs.engine.support.support("needs", "N-0001", actor=NORA, note="mine")
    needs.engine.support.support("needs", "N-0001", actor=ANN, note="for staff only")
    assert supporters(needs, NORA) == [(None, None, None), ("nora", "acme", "mine")]
    assert supporters(needs, OLGA) == [(None, None, None), (None, None, None)]


def test_what_somebody_supports_is_listed_with_its_status(needs: Stage) -> None:
    need(needs, "Ink")
    needs.engine.support.support("needs", "N-0001", actor=NORA)
    needs.engine.support.support("needs", "N-0002", actor=NORA)
    needs.clock.pass_by(hours=1)
    needs.engine.registers.save("needs", "N-0001", CHANGED, actor=ENGINE, status="gone")
    found = [(each.id, each.title, each.status, each.singular) for each in needs.engine.support.supported_by(NORA)]
    assert found[1] == ("N-0002", "Ink", None, "Need")
    assert needs.engine.support.supported_by(OLGA) == []


def test_at_once_is_once(needs: Stage) -> None:
    other = needs.another()
    outcomes = at_once(
        *(partial(each.engine.support.support, "needs", "N-0001", actor=NORA) for each in (needs, other, needs, other))
    )
    assert [each.error for each in outcomes] == [None] * 4
    assert count(needs) == 1
    outcomes = at_once(
        *(partial(each.engine.support.end_support, "needs", "N-0001", actor=NORA) for each in (needs, other))
    )
    assert [each.error for each in outcomes] == [None] * 2
    assert count(needs) == 0
