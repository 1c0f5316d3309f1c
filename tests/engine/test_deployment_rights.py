"""Whose files are whose: what others' processes work with is changed by those who own these, or look after it."""

import pytest

from engine.errors import NotFound, NotPermitted
from engine.types import ENGINE, Actor
from tests.engine.stage import OLGA, OWEN, STARTERS, Stage, form, one_task

OLAF = Actor("olaf", "Olaf", frozenset({"process_owner"}), frozenset({"others"}))
CUSTOMERS = (
    "registers: [{{key: customers, name: Customers, variable: customer, prefix: C, form: customer, title: name,"
    " readers: [{readers}], maintainers: [owners]}}]"
)


def _customers(readers: str) -> bytes:
    return CUSTOMERS.format(readers=readers).encode()


def test_a_register_that_no_process_uses_belongs_to_its_maintainers(stage: Stage) -> None:
    stage.deploy(registers__yaml=_customers("staff"), customer__form=form("customer", "name"))
    with pytest.raises(NotPermitted, match="maintainers"):
        stage.deploy(OLAF, registers__yaml=_customers("others"))
    with pytest.raises(NotPermitted, match="maintainers"):
        stage.deploy(OLAF, registers__yaml=_customers("staff"), customer__form=form("customer", "name", "more"))
    stage.deploy(OWEN, registers__yaml=_customers("owners"))
    assert stage.engine.registers.page("customers", OWEN).rows == ()
    with pytest.raises(NotFound):
        stage.engine.registers.page("customers", OLAF)


def test_a_form_that_a_process_takes_as_it_is_now_belongs_to_the_owners_of_the_process(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(formRefBinding="latest"), f__form=form("f", "answer"))
    with pytest.raises(NotPermitted, match="form 'f' is used by"):
        stage.deploy(OLAF, f__form=form("f", "other"))
    stage.deploy(OWEN, f__form=form("f", "other"))
    assert stage.value("select max(version) from resource where kind = 'form'") == 2


def test_a_form_that_processes_have_pinned_is_free(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(), f__form=form("f", "answer"))
    stage.deploy(OLAF, f__form=form("f", "other"))
    stage.start(actor=OLGA)
    assert b"answer" in (stage.engine.tasks.get(stage.task().id, ENGINE).form or b"")


def test_nobody_starts_an_old_version_of_what_they_may_not_start_now(stage: Stage) -> None:
    (old,) = stage.deploy_one_task().deployed
    assert stage.engine.runtime.start("p", {}, actor=OLGA, definition_id=old.id).status == "active"
    text = one_task().replace(STARTERS["candidateStarterGroups"].encode(), b"staff")
    stage.deploy(p__bpmn=text)
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", {}, actor=OLGA)
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", {}, actor=OLGA, definition_id=old.id)
