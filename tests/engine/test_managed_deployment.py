"""Managed processes are deployed with the models, changed by their owners only, refused where they do not fit."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine import managed
from engine.errors import DefinitionRefused, NotPermitted
from engine.metrics.process import ManagedProcess
from engine.types import ENGINE, Actor, Finding
from tests.bpmn_models import call, end, flows, process, start, user_task
from tests.engine.stage import ANN, OWEN, OWNER, STARTERS, Stage, at_once, form, one_task

OLAF = Actor("olaf", "Olaf", frozenset({"process_owner"}), frozenset({"others"}))
PROCESS = """\
process:
  key: wishes
  name: Wishes
  owner_group: owners
  cases: [p]
  measures:
    - {key: asked, name: Asked, kind: count, of: {element: ask}}
"""
REGISTERS = b"""\
registers:
  - {key: needs, name: Needs, variable: need, prefix: N, form: need, title: title}
  - {key: services, name: Services, variable: service, prefix: S, form: service, title: title}
  - {key: framework, name: Framework, variable: framework, prefix: F, form: framework, title: title, singleton: true}
"""
BODY = (
    "purpose",
    "process_owner",
    "roles",
    "review_interval",
    "effective_from",
    "running_cases",
    "measures",
    "targets",
)
ASK = '<bpmn:dataOutputAssociation id="w"><bpmn:targetRef>store</bpmn:targetRef></bpmn:dataOutputAssociation>'
STORE = '<bpmn:dataStoreReference id="store" name="needs"/>'


def _model() -> bytes:
    task = user_task("ask", "Ask", candidateGroups="analysts", formRef="f").replace(
        "</bpmn:userTask>", f"{ASK}</bpmn:userTask>"
    )
    parts = (start(), task, call("q", "q"), end(), STORE, flows("s", "ask", "q", "e"))
    return process("p", *parts, properties=OWNER, **STARTERS)


ANSWER = user_task("answer", "Answer", candidateGroups="analysts", formRef="f")
CALLED = process("q", start(), ANSWER, end(), flows("s", "answer", "e"), properties=OWNER)
FILES: dict[str, bytes] = {
    "p__bpmn": _model(),
    "q__bpmn": CALLED,
    "registers__yaml": REGISTERS,
    "f__form": form("f", {"type": "number", "key": "guess", "label": "Guess"}, "words"),
    "need__form": form("need", "title", {"type": "number", "key": "estimate", "label": "Estimate"}, "services"),
    "service__form": form("service", "title"),
    "framework__form": form("framework", "title", *BODY),
}


def said(text: str = PROCESS, more: str = "") -> bytes:
    return (text + more).encode()


def deployed(stage: Stage) -> dict[str, ManagedProcess]:
    with stage.engine.database.read() as connection:
        return managed.load(connection)


def check(stage: Stage, **files: bytes) -> list[Finding]:
    named = {name.replace("__", "."): content for name, content in {**FILES, **files}.items()}
    return stage.engine.repository.check(named)


@pytest.fixture(autouse=True)
def groups(stage: Stage) -> None:
    for group in ("owners", "analysts"):
        stage.engine.identity.create_group(group, group.capitalize(), actor=ENGINE)


def test_a_process_is_deployed_with_its_models(stage: Stage) -> None:
    result = stage.deploy(OWEN, **FILES, process__yaml=said())
    assert [(each.kind, each.name) for each in result.resources if each.kind == "process"] == [
        ("process", "process.yaml")
    ]
    assert deployed(stage)["wishes"].cases == ("p",)


def test_the_same_content_makes_nothing_new(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    again = stage.deploy(OWEN, **FILES, process__yaml=said())
    assert again.deployment_id is None
    alone = stage.deploy(OWEN, process__yaml=said())
    assert (alone.deployment_id, stage.count("deployment")) == (None, 1)


def test_a_change_is_kept_as_a_version_of_the_file_and_counts_at_once(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    stage.deploy(OWEN, process__yaml=said(PROCESS.replace("name: Wishes", "name: Dreams")))
    assert deployed(stage)["wishes"].name == "Dreams"
    assert stage.value("select max(version) from resource where kind = 'process' and key = 'wishes'") == 2


def test_the_file_is_among_those_of_its_definitions(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    changed = said(PROCESS.replace("name: Wishes", "name: Dreams"))
    stage.deploy(OWEN, process__yaml=changed)
    names = {}
    for key in ("p", "q"):
        (version,) = stage.engine.repository.versions(key, ANN)
        resources = stage.engine.repository.definition(version.id, ANN).resources
        names[key] = [each for each in resources if each.kind == "process"]
    assert names["q"] == []
    (mine,) = names["p"]
    assert stage.engine.repository.resource(mine.id, ANN).content == changed


def test_others_do_not_change_the_words_of_its_file_either(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    with pytest.raises(NotPermitted, match="'Wishes' belongs to the group owners"):
        stage.deploy(OLAF, process__yaml=said() + b"# These people cannot count.\n")
    stage.deploy(OWEN, process__yaml=said() + b"# All of them.\n")
    assert stage.value("select count(*) from resource where kind = 'process'") == 2


def test_only_the_present_owners_change_a_process(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    taken = said(PROCESS.replace("owner_group: owners", "owner_group: others"))
    with pytest.raises(NotPermitted, match="'Wishes' belongs to the group owners"):
        stage.deploy(OLAF, process__yaml=taken)
    with pytest.raises(NotPermitted):
        stage.deploy(ANN, process__yaml=taken)
    stage.deploy(OWEN, process__yaml=taken)
    with pytest.raises(NotPermitted, match="group others"):
        stage.deploy(OWEN, process__yaml=said())


def test_nobody_claims_the_cases_of_processes_that_others_own(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES)
    with pytest.raises(NotPermitted, match="names cases of p"):
        stage.deploy(OLAF, process__yaml=said(PROCESS.replace("owners", "others")))
    assert deployed(stage) == {}


def test_a_process_that_names_no_owners_belongs_to_those_of_its_cases(stage: Stage) -> None:
    unowned = PROCESS.replace("  owner_group: owners\n", "")
    stage.deploy(OWEN, **FILES, process__yaml=said(unowned))
    stage.deploy(OLAF, o__bpmn=one_task("o", formRef="").replace(b"owners", b"others"))
    for taken in (PROCESS.replace("owners", "others"), unowned.replace("[p]", "[o]").partition("  measures")[0]):
        with pytest.raises(NotPermitted, match="names cases of p"):
            stage.deploy(OLAF, process__yaml=said(taken))
    stage.deploy(OWEN, process__yaml=said(unowned.replace("name: Wishes", "name: Dreams")))
    assert deployed(stage)["wishes"].name == "Dreams"


def test_nobody_names_a_register_that_they_may_not_read(stage: Stage) -> None:
    other = b"registers: [{key: secrets, name: Secrets, variable: secret, prefix: X, form: need, title: title,"
    other += b" readers: [%s]}]"
    stage.deploy(ENGINE, registers__yaml=other % b"others", need__form=FILES["need__form"])
    with_report = said(PROCESS, "  reports:\n    - {key: all, name: All, records: secrets}\n")
    with pytest.raises(NotPermitted, match="names the register 'Secrets'"):
        stage.deploy(OWEN, **FILES, process__yaml=with_report)
    stage.deploy(ENGINE, registers__yaml=other % b"staff")
    stage.deploy(OWEN, **FILES, process__yaml=with_report)
    assert deployed(stage)["wishes"].reports[0].records == "secrets"


def test_with_one_error_nothing_is_deployed(stage: Stage) -> None:
    with pytest.raises(DefinitionRefused):
        stage.deploy(OWEN, **FILES, process__yaml=said(PROCESS.replace("{element: ask}", "{element: aks}")))
    assert (deployed(stage), stage.count("deployment")) == ({}, 0)


MEASURE = "    - {key: own, name: Own, kind: "
USUAL = MEASURE.replace("own", "cycle_time")


@pytest.mark.parametrize(
    "more",
    [
        MEASURE + "count, of: {element: answer}}\n",
        MEASURE + "count, of: {interface: 'process:q'}}\n",
        MEASURE + "duration, since: {kind: case.started}, until: {element: ask, outcome: yes}}\n",
        MEASURE + "field, field: need.estimate, unit: EUR}\n",
        MEASURE + "field, field: guess}\n",
        MEASURE + "ratio, numerator: asked, denominator: completed}\n",
        MEASURE + "ratio, unit: '%', numerator: withdrawn, denominator: started}\n",
        "  framework: framework\n  establish: q\n  evaluate: q\n",
        "  reports:\n    - {key: a, name: All, records: needs, follow: needs, service: services, services: services}\n",
    ],
)
def test_what_fits_has_no_finding(stage: Stage, more: str) -> None:
    assert check(stage, process__yaml=said(PROCESS, more)) == []


@pytest.mark.parametrize(
    ("more", "rule", "line", "words"),
    [
        (MEASURE + "count, of: {element: aks}}\n", "process-measure", 8, "no element 'aks'"),
        (MEASURE + "count, of: {interface: 'decision:d'}}\n", "process-measure", 8, "uses 'decision:d'"),
        (MEASURE + "count, of: {interface: 'message:m'}}\n", "process-measure", 8, "uses 'message:m'"),
        (MEASURE + "count, of: {kind: task.claimed, outcome: yes}}\n", "process-measure", 8, "have no outcome"),
        (MEASURE + "field, field: nede.estimate}\n", "process-measure", 8, "'nede' is neither the variable"),
        (MEASURE + "field, field: need.estimat}\n", "process-measure", 8, "Needs have no 'estimat'"),
        (MEASURE + "field, field: need}\n", "process-measure", 8, "is a record"),
        (MEASURE + "field, field: need.title}\n", "process-measure", 8, "(Title, textfield) holds no number"),
        (MEASURE + "field, field: words}\n", "process-measure", 8, "holds no number"),
        (MEASURE + "field, field: service.title}\n", "process-measure", 8, "does not exist"),
        (MEASURE + "ratio, numerator: asked, denominator: ended}\n", "process-measure", 8, "denominator 'ended'"),
        (MEASURE + "ratio, numerator: own, denominator: completed}\n", "process-measure", 8, "numerator 'own'"),
        (MEASURE + "count, unit: m2, of: {element: ask}}\n", "process-measure", 8, "unit 'm2'"),
        (MEASURE + "count, unit: share, of: {element: ask}}\n", "process-measure", 8, "of the kind ratio"),
        (
            MEASURE.replace("own", "element") + "count, of: {element: ask}}\n",
            "process-measure",
            8,
            "every process has",
        ),
        (
            MEASURE.replace("own", "cycle_time") + "count, of: {element: ask}}\n",
            "process-measure",
            8,
            "every process has",
        ),
        ("  framework: frame\n", "process-framework", 8, "the register 'frame'"),
        ("  framework: needs\n", "process-framework", 8, "several records"),
        ("  establish: r\n", "process-name", 8, "the process 'r'"),
        ("  evaluate: r\n", "process-name", 8, "the process 'r'"),
        ("  reports:\n    - {key: all, name: All, records: nedes}\n", "process-report", 9, "register 'nedes'"),
        ("  reports:\n    - {key: all, name: All, records: needs, follow: x}\n", "process-report", 9, "register 'x'"),
        (
            "  reports:\n    - {key: all, name: All, records: needs, service: x, services: services}\n",
            "process-report",
            9,
            "services from 'x'",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(stage: Stage, more: str, rule: str, line: int, words: str) -> None:
    found = check(stage, process__yaml=said(PROCESS, more))
    assert (found[0].rule, found[0].file, found[0].line) == (rule, "process.yaml", line)
    assert words in found[0].message
    assert {finding.severity for finding in found} == {"error"}


def test_cases_have_to_be_there(stage: Stage) -> None:
    found = check(stage, process__yaml=said(PROCESS.replace("[p]", "[p, r]").replace("owners", "nobody")))
    assert [(each.rule, each.line) for each in found] == [("process-name", 5), ("unknown-group", 4)]
    assert [each.severity for each in found] == ["error", "warning"]


def test_the_form_of_a_framework_has_its_fields(stage: Stage) -> None:
    files: Mapping[str, Any] = {"framework__form": form("framework", "title", *BODY[1:7])}
    (finding,) = check(stage, process__yaml=said(PROCESS, "  framework: framework\n"), **files)
    assert "has no field purpose, targets" in finding.message


def test_two_processes_cannot_have_the_same_cases(stage: Stage) -> None:
    other = said(PROCESS.replace("wishes", "dreams"))
    found = check(stage, process__yaml=said(), process__yml=other)
    claims = [(each.file, each.line) for each in found if each.rule == "process-claim"]
    assert claims == [("process.yaml", 5), ("process.yml", 5)]
    stage.deploy(OWEN, **FILES, process__yaml=said())
    (claim,) = [each for each in check(stage, process__yaml=other) if each.rule == "process-claim"]
    assert "the work of Wishes (wishes) too" in claim.message


def test_a_process_does_not_take_the_place_of_a_definition(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES)
    (finding,) = check(stage, process__yaml=said(PROCESS.replace("key: wishes", "key: q")))
    assert (finding.rule, finding.severity) == ("process-key", "error")
    assert check(stage, process__yaml=said(PROCESS.replace("key: wishes", "key: p"))) == []


def test_two_files_cannot_define_the_same_process(stage: Stage) -> None:
    found = check(stage, process__yaml=said(), process__yml=said())
    assert any(each.rule == "upload" and "'wishes' is in process.yaml too" in each.message for each in found)


def test_a_model_that_loses_what_is_measured_is_warned_about(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    (finding,) = stage.deploy(OWEN, p__bpmn=_model().replace(b'"ask"', b'"aks"')).findings
    assert (finding.rule, finding.severity, finding.file) == ("process-measure", "warning", "p.bpmn")
    assert "process.yaml of Wishes is wrong" in finding.message
    assert "no element 'ask'" in finding.message
    assert stage.deploy(OWEN, p__bpmn=_model()).findings == ()


def test_a_form_that_loses_what_a_framework_needs_is_warned_about(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said(PROCESS, "  framework: framework\n"))
    (finding,) = stage.deploy(OWEN, framework__form=form("framework", "title", *BODY[:7])).findings
    assert (finding.rule, finding.severity, finding.file) == ("process-framework", "warning", "framework.form")
    assert "has no field targets" in finding.message
    assert stage.deploy(OWEN, framework__form=form("framework", "title", *BODY)).findings == ()


def test_a_fault_that_stands_there_already_is_not_told_again(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    lost = _model().replace(b'"ask"', b'"aks"')
    assert len(stage.deploy(OWEN, p__bpmn=lost).findings) == 1
    assert stage.deploy(OWEN, p__bpmn=lost.replace(b'name="Ask"', b'name="Ask again"')).findings == ()


def test_a_form_that_offers_measures_of_nothing_is_warned_about(stage: Stage) -> None:
    chooser = {"type": "select", "key": "m", "label": "M", "values": [], "properties": {"measureOptions": "measures"}}
    chooser["properties"] = {"measureOptions": "measures", "managedProcess": "dreams"}
    rows = {"type": "dynamiclist", "label": "L", "path": "l", "components": [chooser]}
    for component in (chooser, rows):
        found = check(stage, f__form=form("f", component), process__yaml=said())
        assert [each.file for each in found if each.rule == "form-managed-process"] == ["f.form"]
    again = check(stage, f__form=form("f", rows), process__yaml=said(PROCESS.replace("wishes", "dreams")))
    assert "form-managed-process" not in {each.rule for each in again}


def test_two_deployments_of_the_same_process_make_one(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES)
    other = stage.another()
    first, second = at_once(
        lambda: stage.deploy(OWEN, process__yaml=said()), lambda: other.deploy(OWEN, process__yaml=said())
    )
    assert (first.error, second.error) == (None, None)
    assert stage.value("select count(*) from resource where kind = 'process'") == 1


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_deployments_at_once_that_claim_the_same_cases_one_is_refused(stage: Stage, attempt: int) -> None:
    del attempt
    stage.deploy(OWEN, p__bpmn=one_task(), f__form=form("f", "answer"))
    other = stage.another()
    outcomes = at_once(
        lambda: stage.deploy(OWEN, process__yaml=said()),
        lambda: other.deploy(OWEN, process__yaml=said(PROCESS.replace("wishes", "dreams"))),
    )
    (refused,) = [each.error for each in outcomes if each.error is not None]
    assert isinstance(refused, DefinitionRefused)
    assert "process-claim" in str(refused)
    assert len(deployed(stage)) == 1


def test_changes_at_once_of_one_process_are_versions_one_after_the_other(stage: Stage) -> None:
    stage.deploy(OWEN, **FILES, process__yaml=said())
    other = stage.another()
    outcomes = at_once(
        lambda: stage.deploy(OWEN, process__yaml=said(PROCESS.replace("name: Wishes", "name: Dreams"))),
        lambda: other.deploy(OWEN, process__yaml=said(PROCESS.replace("name: Wishes", "name: Hopes"))),
    )
    assert [each.error for each in outcomes] == [None, None]
    newest = stage.value("select content from resource where kind = 'process' order by version desc limit 1")
    assert f"name: {deployed(stage)['wishes'].name}\n".encode() in bytes(newest)
