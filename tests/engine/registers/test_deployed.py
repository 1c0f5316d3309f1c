"""Registers as they are deployed, and deployed again: definitions and forms change, records stay."""

import pytest

from engine.errors import NotFound
from engine.registers import catalog
from engine.registers.live import Registers
from tests.engine.registers.world import REGISTERS, deploy, need, save
from tests.engine.stage import ANN, CARL, Stage


def test_a_deployment_makes_the_registers_known(registers: Stage) -> None:
    with registers.engine.database.read() as connection:
        found = catalog.load(connection)
        live = Registers(connection)
        assert list(found) == ["answers", "case", "customers", "needs", "policy"]
        assert (dict(live), len(live)) == (found, 5)
        assert catalog.definition(connection, "needs") == found["needs"]
        assert catalog.definition(connection, "none") is None
        assert catalog.find(found, " stakeholder  NEEDS") is None
        assert catalog.find(found, " NEEDS ") == catalog.find(found, "needs") == found["needs"]
        with pytest.raises(NotFound):
            catalog.form_of(connection, "none")


def test_the_same_deployment_twice_changes_nothing(registers: Stage) -> None:
    before = registers.rows('select * from register order by "key"')
    registers.clock.pass_by(hours=1)
    deploy(registers)
    assert registers.rows('select * from register order by "key"') == before


def test_a_changed_definition_holds_for_the_records_that_are_there(registers: Stage) -> None:
    need(registers, "one")
    registers.clock.pass_by(hours=1)
    deploy(
        registers, registers=REGISTERS.replace(b"name: Needs\n    singular: Need", b"name: Wishes\n    singular: Wish")
    )
    summary = registers.engine.registers.record("needs", "N-0001", ANN).summary
    assert (summary.definition.name, summary.definition.singular) == ("Wishes", "Wish")
    changed = registers.rows("select changed_at from register where name in ('Wishes', 'Answers') order by name")
    assert changed[0] != changed[1]


def test_readers_that_are_taken_away_see_nothing_more(registers: Stage) -> None:
    save(registers, "policy", text="Be good")
    assert registers.engine.registers.page("policy", CARL).rows
    deploy(
        registers,
        registers=REGISTERS.replace(b"singleton: true\n    readers: [staff]", b"singleton: true\n    readers: []"),
    )
    with pytest.raises(NotFound):
        registers.engine.registers.page("policy", CARL)


def test_a_changed_form_types_what_is_saved_from_then_on(registers: Stage) -> None:
    ref = need(registers, "one", None, cost=3)
    deploy(registers, "title", "colour")
    detail = registers.engine.registers.record("needs", ref.id, ANN)
    assert b"colour" in detail.form
    assert detail.body == {"title": "one", "cost": 3}
    need(registers, "two", None, colour="red")
