"""The records that a field may name: as far as the person may see them, and never too many at once."""

import pytest

from engine.errors import InputRefused
from engine.forms_protocol import Option
from engine.registers import options as module
from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, start, user_task
from tests.engine.registers.world import REGISTERS, deploy, need, save
from tests.engine.stage import ADA, ANN, CARL, OLGA, OTTO, OWNER, STARTERS, Stage, form


def test_options_come_by_title_with_the_number(registers: Stage) -> None:
    need(registers, "zebra")
    need(registers, "ant")
    assert registers.engine.registers.options(ANN).options("needs") == [
        Option("N-0002", "ant (N-0002)"),
        Option("N-0001", "zebra (N-0001)"),
    ]


def test_records_with_an_identifier_are_called_by_their_title_only(registers: Stage) -> None:
    assert registers.engine.registers.options(ANN).options("customers") == [
        Option("acme", "Acme"),
        Option("zenith", "Zenith"),
    ]


def test_options_are_those_that_the_person_may_see(registers: Stage) -> None:
    need(registers, "mine")
    need(registers, "theirs", "zenith")
    save(registers, "answers", text="for analysts")
    found = {
        actor.user_id: [option.value for option in registers.engine.registers.options(actor).options("needs")]
        for actor in (OLGA, OTTO, ANN, ADA, ENGINE)
    }
    assert found == {
        "olga": ["N-0001"],
        "otto": ["N-0002"],
        "ann": ["N-0001", "N-0002"],
        "ada": [],
        "engine": ["N-0001", "N-0002"],
    }
    assert registers.engine.registers.options(CARL).options("answers") == []
    assert registers.engine.registers.options(CARL).label("answers", "A-0001") is None
    assert registers.engine.registers.options(OLGA).label("needs", "N-0002") is None
    assert registers.engine.registers.options(OLGA).label("needs", "N-0001") == "mine (N-0001)"


def test_a_register_or_record_that_is_not_there_gives_nothing(registers: Stage) -> None:
    options = registers.engine.registers.options(ANN)
    assert (options.options("none"), options.label("none", "x"), options.label("needs", "x")) == ([], None, None)


def test_a_large_register_is_cut_but_every_record_may_be_chosen(
    registers: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OPTIONS_SHOWN", 2)
    for title in ("one", "two", "three"):
        need(registers, title)
    options = registers.engine.registers.options(ANN)
    assert [option.value for option in options.options("needs")] == ["N-0001", "N-0003"]
    assert options.label("needs", "N-0002") == "two (N-0002)"


def test_a_source_that_is_kept_sees_registers_that_are_deployed_later(stage: Stage) -> None:
    options = stage.engine.registers.options(ENGINE)
    assert options.options("needs") == []
    deploy(stage)
    need(stage, "one")
    assert [option.value for option in options.options("needs")] == ["N-0001"]


def test_a_register_that_is_closed_to_somebody_is_closed_at_once(registers: Stage) -> None:
    need(registers, "one")
    options = registers.engine.registers.options(CARL)
    assert len(options.options("needs")) == 1
    deploy(
        registers,
        registers=REGISTERS.replace(b"readers: [staff]\n    maintainers", b"readers: [analysts]\n    maintainers"),
    )
    assert options.options("needs") == []


def test_a_form_takes_no_record_that_its_user_may_not_see(registers: Stage) -> None:
    _ask_for_need(registers)
    need(registers, "mine")
    need(registers, "theirs", "zenith")
    for chosen in ("N-0002", "N-0009"):
        with pytest.raises(InputRefused) as caught:
            registers.start(actor=OLGA, chosen=chosen)
        assert list(caught.value.messages) == ["chosen"]
    registers.start(actor=OLGA, chosen="N-0001")
    registers.start(actor=ANN, chosen="N-0002")


def test_options_may_be_limited_to_statuses(registers: Stage) -> None:
    service = registers.engine.registers
    for title, status in (("one", "new"), ("two", "final"), ("three", None)):
        service.save("needs", None, {"title": title}, status=status, actor=ENGINE)
    options = service.options(ANN)
    found = {
        statuses: [option.value for option in options.options("needs", statuses)]
        for statuses in ((), ("new",), ("new", "final"), ("lost",))
    }
    assert found == {
        (): ["N-0001", "N-0003", "N-0002"],
        ("new",): ["N-0001"],
        ("new", "final"): ["N-0001", "N-0002"],
        ("lost",): [],
    }
    assert [options.label("needs", f"N-000{number}", ["final"]) for number in (1, 2, 3)] == [None, "two (N-0002)", None]
    assert options.options("answers", ["new"]) == []


def test_a_form_takes_only_records_that_have_a_named_status_now(registers: Stage) -> None:
    _ask_for_need(registers, statuses="new")
    service = registers.engine.registers
    ref = service.save("needs", None, {"title": "one"}, status="new", actor=ENGINE)
    registers.start(actor=ANN, chosen=ref.id)
    service.save("needs", ref.id, {"title": "one"}, status="final", base=1, actor=ENGINE)
    with pytest.raises(InputRefused) as caught:
        registers.start(actor=ANN, chosen=ref.id)
    assert caught.value.messages == {
        "chosen": ["'N-0001' cannot be chosen now: its status has to be new. Choose again."]
    }


def _ask_for_need(registers: Stage, **properties: str) -> None:
    """Deploy a process whose start form asks for a need; `properties` are more custom ones of that field."""
    asked = {"type": "select", "key": "chosen", "label": "Chosen", "properties": {"register": "needs", **properties}}
    model = process(
        "p",
        start("s", form="f"),
        user_task("ask", formRef="f"),
        end(),
        flows("s", "ask", "e"),
        properties=OWNER,
        **STARTERS,
    )
    registers.deploy(p__bpmn=model, f__form=form("f", asked))
