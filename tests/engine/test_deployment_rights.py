"""Whose files are whose: what others' processes work with is changed by those who own these, or look after it."""

import pytest

from engine.errors import DefinitionRefused, NotFound, NotPermitted
from engine.types import ENGINE, Actor
from tests.bpmn_models import end, flows, process, rule, start, user_task
from tests.engine.stage import OLGA, OWEN, OWNER, STARTERS, Stage, form, one_task
from tests.engine.test_deployment import DMN

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


@pytest.mark.parametrize("kind", ["form", "decision"])
def test_what_others_have_published_since_is_not_taken_over_unseen(stage: Stage, kind: str) -> None:
    """Camunda Modeler publishes the model alone when the model alone has changed."""
    mine = {"f__form": form("f", "answer"), "d__dmn": DMN.format(price=1).encode()}
    theirs = {"f__form": form("f", "account_number")} if kind == "form" else {"d__dmn": DMN.format(price=9).encode()}
    model = process(
        "p",
        start(),
        rule("r", "price", "price"),
        user_task("ask", "Ask", candidateGroups="analysts", formRef="f"),
        end(),
        flows("s", "r", "ask", "e"),
        properties=OWNER,
        **STARTERS,
    )
    changed = model.replace(b'name="Ask"', b'name="Ask again"')
    stage.deploy(OWEN, p__bpmn=model, **mine)
    stage.deploy(OLAF, **theirs)
    with pytest.raises(DefinitionRefused) as refused:
        stage.deploy(OWEN, p__bpmn=changed)
    (finding,) = [each for each in refused.value.findings if each.severity == "error"]
    assert (finding.rule, finding.file) == ("changed-by-others", "p.bpmn")
    assert kind in finding.message
    assert "olaf" in finding.message
    stage.deploy(OWEN, p__bpmn=changed, **mine)
    stage.deploy(OWEN, p__bpmn=model)
    assert stage.value("select max(version) from process_definition") == 3


def test_nor_is_the_form_of_a_register(stage: Stage) -> None:
    text = "registers: [{{key: wishes, name: {}, variable: wish, prefix: W, form: f, title: t, owner_group: owners}}]"
    stage.deploy(OWEN, registers__yaml=text.format("Wishes").encode(), f__form=form("f", "t"))
    stage.deploy(OLAF, f__form=form("f", "t", "account_number"))
    assert stage.deploy(OWEN, registers__yaml=text.format("Wishes").encode() + b" # as before").deployment_id
    with pytest.raises(DefinitionRefused, match="changed-by-others"):
        stage.deploy(OWEN, registers__yaml=text.format("Dreams").encode())
    stage.deploy(OWEN, registers__yaml=text.format("Dreams").encode(), f__form=form("f", "t"))
    (held,) = stage.rows("select content from resource join register on form_resource_id = resource.id")
    assert bytes(held.content) == form("f", "t")


def test_what_other_owners_have_published_since_is_taken(stage: Stage) -> None:
    identity = stage.engine.identity
    identity.create_group("owners", "Owners", actor=ENGINE)
    identity.create_user("olive", "Olive", actor=ENGINE, roles=["process_owner"], groups=["owners"])
    stage.deploy(OWEN, p__bpmn=one_task(), f__form=form("f", "answer"))
    stage.deploy(identity.actor("olive"), f__form=form("f", "other"))
    stage.deploy(OWEN, p__bpmn=one_task().replace(b'name="Ask"', b'name="Ask again"'))
    stage.start(actor=OLGA)
    assert b"other" in (stage.engine.tasks.get(stage.task().id, ENGINE).form or b"")


def test_nobody_starts_an_old_version_of_what_they_may_not_start_now(stage: Stage) -> None:
    (old,) = stage.deploy_one_task().deployed
    assert stage.engine.runtime.start("p", {}, actor=OLGA, definition_id=old.id).status == "active"
    text = one_task().replace(STARTERS["candidateStarterGroups"].encode(), b"staff")
    stage.deploy(p__bpmn=text)
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", {}, actor=OLGA)
    with pytest.raises(NotFound):
        stage.engine.runtime.start("p", {}, actor=OLGA, definition_id=old.id)
