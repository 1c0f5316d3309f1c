"""Deployments: all or nothing, versions only for new content, running cases stay on theirs."""

import json

import pytest

from engine.errors import DefinitionRefused, NotFound, NotPermitted
from engine.types import ENGINE, Actor
from tests.bpmn_models import (
    call,
    definitions,
    element,
    end,
    flows,
    process,
    process_part,
    rule,
    script,
    start,
    user_task,
)
from tests.engine.stage import ANN, OLGA, OWEN, OWNER, STARTERS, Stage, at_once, form, one_task

DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://comity.example/tests">
  <decision id="price" name="Price">
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i"><inputExpression id="ie" typeRef="string"><text>kind</text></inputExpression></input>
      <output id="o" name="price" typeRef="number"/>
      <rule id="r">
        <inputEntry id="a"><text>"big"</text></inputEntry>
        <outputEntry id="b"><text>{price}</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


def _versions(stage: Stage, key: str = "p") -> list[int]:
    return [
        row.version for row in stage.rows("select version from process_definition where key = :key order by 1", key=key)
    ]


def test_the_same_content_makes_no_new_version(stage: Stage) -> None:
    first = stage.deploy_one_task()
    again = stage.deploy_one_task()
    assert [each.version for each in first.deployed] == [1]
    assert (again.deployment_id, again.deployed, [each.version for each in again.unchanged]) == (None, (), [1])
    assert stage.count("deployment") == 1
    assert stage.count("resource") == 2


def test_another_form_or_decision_makes_a_new_version(stage: Stage) -> None:
    model = process(
        "p", start(), rule("r", "price", "price"), user_task("a", formRef="f"), end(), flows("s", "r", "a", "e")
    )
    stage.deploy(p__bpmn=model, f__form=form("f", "one"), d__dmn=DMN.format(price=1).encode())
    stage.deploy(p__bpmn=model, f__form=form("f", "two"))
    stage.deploy(p__bpmn=model, d__dmn=DMN.format(price=2).encode())
    assert _versions(stage) == [1, 2, 3]
    rows = stage.engine.repository.versions("p", ENGINE)
    assert [(row.version, row.latest) for row in rows] == [(3, True), (2, False), (1, False)]
    detail = stage.engine.repository.definition(rows[0].id, ENGINE)
    pinned = {each.name: stage.engine.repository.resource(each.id, ENGINE).content for each in detail.resources}
    assert pinned == {"f.form": form("f", "two"), "d.dmn": DMN.format(price=2).encode()}


def test_running_cases_stay_on_their_version_and_its_files(stage: Stage) -> None:
    stage.deploy_one_task()
    old = stage.start()
    stage.deploy(p__bpmn=one_task(), f__form=form("f", "other"))
    new = stage.start()
    forms = {row.case.id: stage.engine.tasks.get(row.id, ANN).form for row in stage.tasks()}
    assert forms == {old.id: form("f", "answer"), new.id: form("f", "other")}
    counts = {each.version: each.active_cases for each in stage.engine.repository.versions("p", OWEN)}
    assert counts == {1: 1, 2: 1}
    for row in stage.tasks():
        field = "answer" if row.case.id == old.id else "other"
        stage.engine.tasks.complete(row.id, {field: "x"}, actor=ANN)
    ended = {each.version: each.ended_cases for each in stage.engine.repository.versions("p", OWEN)}
    assert ended == {1: 1, 2: 1}


def test_a_called_process_stays_as_it_was_when_the_case_began(stage: Stage) -> None:
    caller = process("caller", start(), call("c", "called"), end(), flows("s", "c", "e"), **STARTERS)

    def called(name: str) -> bytes:
        return process(
            "called", start("x"), user_task("a", name, candidateGroups="analysts"), end("y"), flows("x", "a", "y")
        )

    stage.deploy(caller__bpmn=caller, called__bpmn=called("Old"))
    stage.start("caller")
    stage.deploy(called__bpmn=called("New"))
    stage.start("caller")
    assert sorted(row.name for row in stage.tasks()) == ["New", "Old"]
    for row in stage.tasks():
        assert stage.complete(row.id).finished


@pytest.mark.parametrize(
    "files",
    [
        {"p.bpmn": b"<definitions"},
        {"p.bpmn": one_task(formRef="missing")},
        {"p.bpmn": one_task(), "f.form": b"{"},
        {"p.bpmn": one_task(), "f.form": form("f"), "g.form": form("f")},
        {"p.bpmn": one_task(), "f.form": form("f"), "q.bpmn": one_task()},
        {"p.bpmn": one_task(), "f.form": form("f"), "d.dmn": b"<definitions/>"},
        {"p.bpmn": one_task(), "f.form": form("f"), "run.py": b"print()"},
        {"p.bpmn": one_task(), "f.form": form("f"), "a/registers.yaml": b"registers: [1]"},
        {"README.md": b"# nothing"},
        {},
    ],
)
def test_with_one_error_nothing_is_deployed(stage: Stage, files: dict[str, bytes]) -> None:
    with pytest.raises(DefinitionRefused) as caught:
        stage.engine.repository.deploy(files, name="bad", actor=ENGINE)
    assert all(each.remedy for each in caught.value.findings)
    for table in ("deployment", "resource", "process_definition", "register"):
        assert stage.count(table) == 0
    assert set(stage.engine.repository.check(files)) <= set(caught.value.findings)


def test_two_deployments_of_the_same_content_make_one_version(stage: Stage) -> None:
    outcomes = at_once(*(stage.deploy_one_task for _ in range(4)))
    assert [each.error for each in outcomes] == [None] * 4
    assert _versions(stage) == [1]
    assert sum(bool(each.result.deployed) for each in outcomes) == 1


def test_two_deployments_of_different_content_make_two_versions(stage: Stage) -> None:
    outcomes = at_once(
        *(lambda n=number: stage.deploy(p__bpmn=one_task(), f__form=form("f", f"field{n}")) for number in range(4))
    )
    assert [each.error for each in outcomes] == [None] * 4
    assert _versions(stage) == [1, 2, 3, 4]
    assert stage.value("select count(distinct digest) from process_definition") == 4


def test_only_owners_deploy(stage: Stage) -> None:
    other = Actor("olaf", "Olaf", frozenset({"process_owner"}), frozenset({"others"}))
    for actor in (ANN, OLGA):
        with pytest.raises(NotPermitted):
            stage.deploy(actor, p__bpmn=one_task(), f__form=form("f"))
    stage.deploy(OWEN, p__bpmn=one_task(), f__form=form("f"))
    with pytest.raises(NotPermitted, match="belongs to the group owners"):
        stage.deploy(other, p__bpmn=one_task(), f__form=form("f", "mine"))
    assert _versions(stage) == [1]


def test_who_looks_at_definitions(stage: Stage) -> None:
    result = stage.deploy_one_task()
    assert [each.key for each in stage.engine.repository.definitions(ANN)] == ["p"]
    assert stage.engine.repository.definitions(OLGA) == []
    for call_it in (
        lambda: stage.engine.repository.definition(result.deployed[0].id, OLGA),
        lambda: stage.engine.repository.versions("p", OLGA),
        lambda: stage.engine.repository.resource(result.resources[0].id, OLGA),
        lambda: stage.engine.repository.definition("nothing", ANN),
    ):
        with pytest.raises(NotFound):
            call_it()
    assert stage.engine.repository.start_form(result.deployed[0].id, OLGA) is None
    elements = stage.engine.repository.definition(result.deployed[0].id, ANN).elements
    assert [(each.id, each.kind) for each in elements] == [("s", "startEvent"), ("ask", "userTask"), ("e", "endEvent")]


def test_a_form_bound_to_the_latest_is_found_when_it_is_used(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(formRefBinding="latest"), f__form=form("f", "one"))
    stage.start()
    stage.deploy(f__form=form("f", "two"))
    task = stage.task()
    assert stage.engine.tasks.get(task.id, ANN).form == form("f", "two")
    assert _versions(stage) == [1]


def test_a_decision_bound_to_the_latest_is_found_when_it_is_used(stage: Stage) -> None:
    latest = element("businessRuleTask", "r", decisionRef="price", decisionRefBinding="latest", resultVariable="price")
    kind = {"type": "textfield", "key": "kind", "label": "Kind"}
    path = ("s", "a", "r", "b", "e")
    steps = [user_task(each, candidateGroups="analysts") for each in "ab"]
    model = process("p", start(form="k"), *steps, latest, end(), flows(*path), **STARTERS)
    stage.deploy(p__bpmn=model, k__form=form("k", kind), d__dmn=DMN.format(price=1).encode())
    for price in (1, 2):
        stage.deploy(d__dmn=DMN.format(price=price).encode())
        stage.start(kind="big")
        stage.do("a")
        assert stage.engine.tasks.get(stage.task().id, ANN).context["price"] == [{"price": price}]
        stage.do("b")
    assert _versions(stage) == [1]


def test_several_processes_in_one_file(stage: Stage) -> None:
    content = definitions(
        process_part("one", start("a"), end("b"), flows("a", "b"), properties=OWNER, **STARTERS),
        process_part("two", start("c"), script("d", "x = 1"), end("e"), flows("c", "d", "e"), **STARTERS),
    )
    result = stage.deploy(both__bpmn=content)
    assert sorted(each.key for each in result.deployed) == ["one", "two"]
    assert stage.count("resource") == 1
    assert stage.start("two").status == "completed"
    assert json.loads(form("f"))["id"] == "f"
