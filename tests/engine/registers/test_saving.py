"""Records that are added and changed by form: rights, the form's own rules, versions, numbers and identifiers."""

import pytest

from engine.errors import ConcurrentUpdate, InputRefused, NotFound, NotPermitted
from engine.types import ENGINE, RecordRef
from tests.engine.registers.world import KEEPER, deploy, need, save
from tests.engine.stage import ANN, OLGA, Stage


def test_new_records_are_numbered_without_a_gap(registers: Stage) -> None:
    refs = [need(registers, title) for title in ("one", "two")]
    with pytest.raises(InputRefused):
        need(registers, "")
    assert [*refs, need(registers, "three")] == [RecordRef("needs", f"N-000{count}", 1) for count in (1, 2, 3)]


def test_a_register_called_case_is_numbered_apart_from_the_cases(registers: Stage) -> None:
    registers.deploy_one_task()
    numbers = [registers.start().number, save(registers, "case", text="x").id, registers.start().number]
    assert numbers == ["C-000001", "C-0001", "C-000002"]


def test_only_maintainers_save(registers: Stage) -> None:
    ref = need(registers, "theirs")
    service = registers.engine.registers
    for actor in (ANN, OLGA):
        with pytest.raises(NotPermitted, match="process_owner"):
            service.save("needs", None, {"title": "mine"}, actor=actor)
        with pytest.raises(NotPermitted):
            service.save("needs", ref.id, {"title": "mine"}, base=1, actor=actor)
        with pytest.raises(NotPermitted):
            service.blank_form("needs", actor)
    assert registers.value("select count(*) from record_version where register = 'needs'") == 1
    definition, content = service.blank_form("needs", KEEPER)
    assert (definition.key, b'"need"' in content) == ("needs", True)


def test_the_registers_form_judges_what_is_saved(registers: Stage) -> None:
    with pytest.raises(InputRefused) as caught:
        registers.engine.registers.save(
            "needs", None, {"cost": "much", "kind": "huge", "organisation": "none", "colour": "red"}, actor=KEEPER
        )
    assert caught.value.messages.keys() == {"title", "cost", "kind", "organisation", "colour"}
    assert registers.value("select count(*) from record where register = 'needs'") == 0


def test_values_are_kept_as_their_types(registers: Stage) -> None:
    ref = save(registers, "needs", title="one", cost="2.50", kind="big")
    assert registers.engine.registers.body("needs", ref.id, 1, ENGINE) == {"title": "one", "cost": 2.5, "kind": "big"}


def test_a_new_version_follows_the_one_that_was_seen(registers: Stage) -> None:
    ref = need(registers, "one", cost=3)
    second = registers.engine.registers.save("needs", ref.id, {"title": "two"}, base=1, actor=KEEPER)
    assert second == RecordRef("needs", ref.id, 2)
    detail = registers.engine.registers.record("needs", ref.id, ANN)
    assert (detail.row.title, detail.body, detail.row.organisation_id) == ("two", {"title": "two"}, None)


def test_who_saves_upon_an_old_version_is_told_who_was_first_and_when(registers: Stage) -> None:
    ref = need(registers, "one")
    registers.clock.pass_by(minutes=7)
    registers.engine.registers.save("needs", ref.id, {"title": "two"}, base=1, actor=KEEPER)
    at = registers.clock.now
    registers.clock.pass_by(minutes=7)
    for base in (1, 3):
        with pytest.raises(ConcurrentUpdate) as caught:
            registers.engine.registers.save("needs", ref.id, {"title": "mine"}, base=base, actor=ENGINE)
        assert (caught.value.what, caught.value.by, caught.value.at) == ("Need N-0001", "kim", at)
    assert registers.engine.registers.save("needs", ref.id, {"title": "three"}, actor=ENGINE).version == 3


def test_a_record_that_is_not_there_cannot_be_changed(registers: Stage) -> None:
    with pytest.raises(NotFound, match="N-0001"):
        registers.engine.registers.save("needs", "N-0001", {"title": "mine"}, base=1, actor=KEEPER)


def test_a_status_has_to_be_one_of_the_registers(registers: Stage) -> None:
    service = registers.engine.registers
    for register, known in (("needs", "new, final"), ("answers", "none")):
        with pytest.raises(InputRefused, match=known) as caught:
            service.save(register, None, {"title": "x"}, status="lost", actor=KEEPER)
        assert list(caught.value.messages) == ["status"]
    ref = service.save("needs", None, {"title": "one"}, status="new", actor=KEEPER)
    service.save("needs", ref.id, {"title": "two"}, base=1, actor=KEEPER)
    assert service.record("needs", ref.id, ANN).status == "new"


def test_what_the_form_does_not_take_in_stays_as_it_is(registers: Stage) -> None:
    deploy(registers, "title", "stamp", "seal", "old")
    ref = need(registers, "one", None, stamp="kept", seal="kept too", old="dropped from the form")
    deploy(registers)
    registers.engine.registers.save("needs", ref.id, {"title": "two"}, base=1, actor=KEEPER)
    assert registers.engine.registers.body("needs", ref.id, 2, ANN) == {
        "title": "two",
        "stamp": "kept",
        "seal": "kept too",
        "old": "dropped from the form",
    }


def test_a_group_keeps_the_fields_that_are_only_shown(registers: Stage) -> None:
    inner = [{"type": "textfield", "key": key, "label": key} for key in ("given", "shown")]
    group = {"type": "group", "key": "g", "path": "group", "label": "Group", "components": inner}
    deploy(registers, "title", group)
    ref = need(registers, "one", None, group={"given": "1", "shown": "2"})
    inner[1]["disabled"] = True  # type: ignore[assignment]  # a form is JSON
    deploy(registers, "title", group)
    registers.engine.registers.save("needs", ref.id, {"title": "one", "group": {"given": "3"}}, base=1, actor=KEEPER)
    assert registers.engine.registers.body("needs", ref.id, 2, ANN)["group"] == {"given": "3", "shown": "2"}
    registers.engine.registers.save("needs", ref.id, {"title": "one"}, base=2, actor=KEEPER)
    assert registers.engine.registers.body("needs", ref.id, 3, ANN)["group"] == {"shown": "2"}


def test_a_register_with_an_identifier_names_records_by_it(registers: Stage) -> None:
    assert save(registers, "customers", code="north", name="North") == RecordRef("customers", "north", 1)
    with pytest.raises(InputRefused, match="already a record 'north'") as caught:
        save(registers, "customers", code="north", name="Other North")
    assert list(caught.value.messages) == ["code"]
    changed = registers.engine.registers.save("customers", "north", {"code": "north", "name": "N"}, actor=KEEPER)
    assert changed.version == 2


@pytest.mark.parametrize("code", [None, "", "x" * 65, "a/b", ".", ".."])
def test_an_identifier_has_to_fit_an_address(registers: Stage, code: str | None) -> None:
    with pytest.raises(InputRefused) as caught:
        save(registers, "customers", name="Odd", **({} if code is None else {"code": code}))
    assert list(caught.value.messages) == ["code"]


def test_a_record_keeps_its_identifier(registers: Stage) -> None:
    with pytest.raises(InputRefused, match="'acme'"):
        registers.engine.registers.save("customers", "acme", {"code": "ajax", "name": "Acme"}, base=1, actor=KEEPER)
    assert registers.engine.registers.record("customers", "acme", ANN).version == 1


def test_a_singleton_holds_one_record(registers: Stage) -> None:
    ref = save(registers, "policy", text="Be good")
    with pytest.raises(InputRefused, match="one record only"):
        save(registers, "policy", text="Be better")
    registers.engine.registers.save("policy", ref.id, {"text": "Be better"}, base=1, actor=KEEPER)
    assert [row.title for row in registers.engine.registers.page("policy", ANN).rows] == ["Be better"]


def test_a_title_is_one_line_of_bounded_length(registers: Stage) -> None:
    deploy(registers, {"type": "textarea", "key": "title", "label": "Title"})
    ref = need(registers, "first line\nsecond", None)
    assert registers.engine.registers.record("needs", ref.id, ANN).row.title == "first line"
    ref = need(registers, "x" * 400, None)
    assert registers.engine.registers.record("needs", ref.id, ANN).row.title == "x" * 300
    ref = registers.engine.registers.save("needs", None, {}, actor=ENGINE)
    assert registers.engine.registers.record("needs", ref.id, ANN).row.title == ref.id


def test_what_is_written_also_is_kept_or_dropped_with_the_record(registers: Stage) -> None:
    seen: list[str] = []

    def note(connection: object, number: str) -> None:
        del connection
        seen.append(number)
        if len(seen) == 2:
            raise RuntimeError("no")

    service = registers.engine.registers
    service.save("needs", None, {"title": "one"}, actor=ENGINE, also=note)
    with pytest.raises(RuntimeError):
        service.save("needs", None, {"title": "two"}, actor=ENGINE, also=note)
    assert seen == ["N-0001", "N-0002"]
    assert need(registers, "three").id == "N-0002"
    assert registers.value("select count(*) from record where register = 'needs'") == 2
