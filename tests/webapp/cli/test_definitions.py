"""`comity deploy` and `comity lint`."""

import json
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import Comity
from tests.webapp.cli.content import alarm, files, lay, order
from webapp import lint_rules


def test_a_folder_is_deployed_and_the_same_again_makes_no_version(comity: Comity, tmp_path: Path) -> None:
    comity.url = f"sqlite:///{tmp_path}/empty.sqlite"
    folder = lay(tmp_path / "models")
    (folder / "notes.txt").write_text("not to be deployed", encoding="utf-8")
    assert "take_order: version 1\n" in comity.well("deploy", folder)
    assert comity.well("deploy", folder) == "take_order: unchanged, still version 1\n"


def test_a_change_makes_a_version_and_warnings_are_told(comity: Comity, tmp_path: Path) -> None:
    changed = tmp_path / "take_order.bpmn"
    changed.write_bytes(order().replace(b"Wait for the workshop", b"Wait").replace(b'"owners"', b'"makers"'))
    said = comity("deploy", changed)
    assert (said.code, said.out) == (0, "take_order: version 2\n")
    assert said.err.startswith("warning: take_order.bpmn:")
    assert "makers" in said.err


def test_what_is_shipped_is_deployed(comity: Comity, tmp_path: Path) -> None:
    comity.url = f"sqlite:///{tmp_path}/empty.sqlite"
    assert "capture_need_on_behalf: version 1\n" in comity.well("deploy", "--shipped")
    assert "version 2" not in comity.well("deploy", "--shipped")


def test_one_bad_file_keeps_all_out(comity: Comity, engine: ProcessEngine, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.bpmn", tmp_path / "good.bpmn"
    good.write_bytes(alarm(1, "good"))
    bad.write_bytes(b"<bpmn")
    said = comity("deploy", good, bad)
    assert said.code == 1
    assert "error: bad.bpmn" in said.err
    assert said.err.endswith("Nothing was deployed: 1 error.\n")
    assert {found.key for found in engine.repository.definitions(ENGINE)} == {"take_order"}


def test_a_managed_process_is_taken_from_the_folder(comity: Comity, tmp_path: Path) -> None:
    comity.url = f"sqlite:///{tmp_path}/empty.sqlite"
    folder = lay(tmp_path / "models")
    said = "process: {key: orders, name: %s, cases: [take_order]}"
    (folder / "process.yaml").write_text(said % "Orders", encoding="utf-8")
    assert "take_order: version 1\n" in comity.well("deploy", folder)
    assert comity.well("deploy", folder) == "take_order: unchanged, still version 1\n"
    (folder / "process.yaml").write_text(said % "All orders", encoding="utf-8")
    assert comity.well("deploy", folder) == "take_order: unchanged, still version 1\nmodels: 1 file\n"
    (folder / "process.yaml").write_text(said.replace("take_order", "take_ordre") % "Orders", encoding="utf-8")
    told = comity("lint", folder)
    assert told.code == 1
    assert "error: process.yaml:1 process-name: cases names the process 'take_ordre'" in told.out


def test_two_files_of_one_name_are_refused(comity: Comity, tmp_path: Path) -> None:
    first, second = lay(tmp_path / "first"), lay(tmp_path / "second")
    said = comity("deploy", first, second)
    assert said.code == 1
    assert "Two files have this name." in said.err


@pytest.mark.parametrize("verb", ["deploy", "lint"])
def test_a_folder_without_models_is_refused(comity: Comity, tmp_path: Path, verb: str) -> None:
    (tmp_path / "void").mkdir()
    said = comity(verb, tmp_path / "void")
    assert said.code == 1
    assert "Nothing in it can be deployed." in said.err + said.out
    assert ("Nothing was deployed" in said.err) == (verb == "deploy")


def test_another_kind_of_file_is_refused(comity: Comity, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam", encoding="utf-8")
    said = comity("deploy", letter)
    assert said.code == 1
    assert "letter.txt" in said.err


def test_deploy_wants_files_or_shipped_but_not_both(comity: Comity, tmp_path: Path) -> None:
    assert comity("deploy").code == 2
    assert comity("deploy", "--shipped", lay(tmp_path / "models")).code == 2
    assert comity("deploy", tmp_path / "none.bpmn").code == 2


def test_who_owns_no_process_cannot_deploy(comity: Comity, tmp_path: Path) -> None:
    changed = tmp_path / "take_order.bpmn"
    changed.write_bytes(order().replace(b"Wait for the workshop", b"Wait"))
    said = comity("deploy", changed, "--as", "anna")
    assert said.code == 1
    assert said.out == ""


def test_lint_tells_place_and_remedy_and_ends_with_code_1(
    comity: Comity, engine: ProcessEngine, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(alarm(1, "bad").replace(b"PT1S", b"1 +"))
    said = comity("lint", bad)
    assert said.code == 1
    assert said.out.startswith("error: bad.bpmn:")
    assert "[Sleep, sleep]" in said.out
    assert said.out.splitlines()[-1].startswith("1 error, ")
    assert len(engine.repository.definitions(ENGINE)) == 1


def test_lint_says_what_a_rule_means(comity: Comity) -> None:
    said = comity.well("lint", "--explain", "unset-name", "--explain", "deadlock")
    assert said.startswith("unset-name\n\nWarning. Something reads a name")
    assert "\nMend: correct the name" in said
    assert "\n\ndeadlock\n\nWarning. " in said
    assert max(map(len, said.splitlines())) <= 100
    unknown = comity("lint", "--explain", "unset-nmae")
    assert (unknown.code, "Did you mean unset-name?" in unknown.err) == (2, True)
    listed = comity.well("lint", "--rules")
    assert all(rule in listed for rule in lint_rules.by_name())


def test_lint_leads_to_what_its_rules_mean(comity: Comity, tmp_path: Path) -> None:
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(alarm(1, "bad").replace(b"PT1S", b"1 +"))
    said = comity("lint", bad).out.splitlines()
    assert said[-2] == "`comity lint --explain expression` says what a rule means, as /processes/rules does."
    assert comity("lint", "--explain", "expression").code == 0


def test_lint_leads_to_the_first_error_and_to_a_warning_only_where_there_is_no_error(
    comity: Comity, tmp_path: Path
) -> None:
    warned, bad = tmp_path / "a.bpmn", tmp_path / "b.bpmn"
    warned.write_bytes(alarm(1, "a").replace(b'"owners"', b'"nobody"'))
    bad.write_bytes(alarm(1, "b").replace(b"PT1S", b"1 +"))
    said = comity("lint", warned, bad).out.splitlines()
    assert said[0].startswith("warning: a.bpmn:")
    assert said[-2].startswith("`comity lint --explain expression` ")
    warning = said[0].partition("] ")[2].partition(":")[0]
    assert comity("lint", warned).out.splitlines()[-2].startswith(f"`comity lint --explain {warning}` ")


def test_lint_prints_json_for_other_programs(comity: Comity, tmp_path: Path) -> None:
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(alarm(1, "bad").replace(b"PT1S", b"1 +"))
    said = comity("lint", "--json", bad)
    found = json.loads(said.out)
    assert said.code == 1
    (error,) = [each for each in found if each["severity"] == "error"]
    assert error["explained"] == "/processes/rules#expression"
    assert error.keys() == {
        *("file", "line", "element_id", "element_name", "rule", "severity", "message", "remedy", "explained")
    }
    assert (error["file"], error["element_id"], error["rule"]) == ("bad.bpmn", "sleep", "expression")


def test_exit_codes_of_lint(comity: Comity, tmp_path: Path) -> None:
    folder = lay(tmp_path / "models")
    assert comity("lint", folder).code == 0
    assert (comity("lint", "--json", folder).code, json.loads(comity("lint", "--json", folder).out)) == (0, [])
    warned = tmp_path / "take_order.bpmn"
    warned.write_bytes(order().replace(b'"owners"', b'"makers"'))
    assert comity("lint", warned).code == 0
    assert comity("lint", "--strict", warned).code == 1
    assert comity("lint").code == 2
    assert comity("lint", tmp_path / "none.bpmn").code == 2
    comity.url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    unreachable = comity("lint", folder)
    assert (unreachable.code, unreachable.out) == (2, "")
    assert "cannot be used" in unreachable.err


def test_element_templates_are_printed_as_json(comity: Comity, engine: ProcessEngine) -> None:
    printed = json.loads(comity.well("element-templates"))
    assert printed == engine.repository.element_templates(ENGINE)
    assert printed[0]["id"] == "comity.register"
    assert comity("element-templates", "--as", "nobody").code == 1


def test_element_templates_of_no_database_are_refused(
    comity: Comity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMITY_DATABASE", raising=False)
    comity.url = ""
    assert "There is no database here." in comity("element-templates").refusal()
    assert not (tmp_path / "var").exists()


def test_lint_of_good_models_ends_with_code_0(comity: Comity, tmp_path: Path) -> None:
    assert comity.well("lint", lay(tmp_path / "models")).endswith("0 errors, 0 warnings.\n")


def test_lint_leaves_no_database_behind(comity: Comity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMITY_DATABASE", raising=False)
    comity.url = ""
    assert "0 errors" in comity.well("lint", lay(tmp_path / "models"))
    assert not (tmp_path / "var").exists()


def test_the_small_process_has_no_findings(engine: ProcessEngine) -> None:
    assert engine.repository.check(files()) == []


def test_changed_measures_are_said_to_be_computed_anew(comity: Comity, engine: ProcessEngine, tmp_path: Path) -> None:
    case = engine.runtime.start("take_order", {"title": "A chair"}, actor=ENGINE)
    engine.runtime.cancel(case.id, "Changed our mind", actor=ENGINE)
    file = tmp_path / "process.yaml"
    file.write_text("process: {key: orders, name: Orders, cases: [take_order]}", encoding="utf-8")
    assert "computed anew" not in comity.well("deploy", file)
    file.write_text(
        "process: {key: orders, name: Orders, cases: [take_order], measures:"
        " [{key: ended, name: Ended, kind: count, of: {kind: case.cancelled}}]}",
        encoding="utf-8",
    )
    assert "The figures of 1 ended case are computed anew; this takes a while.\n" in comity.well("deploy", file)
    assert "computed anew" not in comity.well("deploy", file)
