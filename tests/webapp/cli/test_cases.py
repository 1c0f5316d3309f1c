"""`comity case`: where a case stands, and mending it by hand."""

import json
from typing import Any

import pytest

from engine.errors import StepFailed
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.bpmn_models import end, flows, multi_instance, process, script, start, user_task
from tests.webapp.cli.command import Comity


@pytest.fixture
def number(comity: Comity, engine: ProcessEngine) -> str:
    """The number of a case in which somebody is to answer before something is divided."""
    comity.well("groups", "add", "owners", "--name", "Owners")
    comity.well("groups", "add", "others", "--name", "Others")
    comity.well(
        "users", "add", "owen", "--name", "Owen", "--role", "process_owner", "--group", "owners", "--no-password"
    )
    comity.well(
        "users", "add", "otis", "--name", "Otis", "--role", "process_owner", "--group", "others", "--no-password"
    )
    model = process(
        "begin",
        start(),
        user_task("ask", "Ask", assignee="ann"),
        script("divide", "result = 100 / divisor"),
        user_task("check", "Check", assignee="ann"),
        end("e"),
        flows("s", "ask", "divide", "check", "e"),
        properties={"ownerGroup": "owners"},
        candidateStarterGroups="staff",
    )
    engine.repository.deploy({"begin.bpmn": model}, name="begin", actor=ENGINE)
    return engine.runtime.start("begin", {}, actor=ENGINE).number


def _shown(comity: Comity, number: str) -> Any:
    return json.loads(comity.well("case", "show", number, "--json"))


def _variables(comity: Comity, number: str) -> Any:
    return _shown(comity, number)["variables"][0]["values"]


def test_a_case_is_shown_with_its_tokens_and_variables(comity: Comity, number: str) -> None:
    said = comity.well("case", "show", number, "--as", "owen")
    assert said.startswith(f"{number} begin: active, revision 1\n")
    assert "at ask: Ask (userTask)\n  move: ask, divide, check, e\n  skip: yes\n" in said
    assert '"initiator"' in said
    (token,) = _shown(comity, number)["tokens"]
    assert (token["element"], token["move"]) == ("ask", ["ask", "divide", "check", "e"])


def test_a_failure_is_mended_and_tried_again(comity: Comity, engine: ProcessEngine, number: str) -> None:
    case = engine.mending.find(number, ENGINE)
    task = engine.history.case(case, ENGINE).tasks[0].id
    assert comity("case", "retry", number).refusal() == "Error: Nothing has failed."
    with pytest.raises(Exception, match="divisor"):
        engine.tasks.complete(task, {}, actor=ENGINE)
    said = comity.well("case", "show", number)
    assert "at divide\n" in said
    assert "tried 1, waits for a person" in said
    failed = comity("case", "retry", number)
    assert (failed.code, failed.out) == (1, "")
    assert "divisor" in failed.err
    comity.well("case", "set", number, "divisor=4", 'note={"a": [1]}', "--reason", "It was missing", "--as", "owen")
    assert comity.well("case", "retry", number).endswith(": done.\n")
    assert _variables(comity, number)["result"] == 25
    (event,) = [each for each in engine.history.timeline(case, ENGINE) if each.kind == "case.modified"]
    assert (event.actor.id, event.detail["reason"]) == ("owen", "It was missing")
    comity.well("case", "set", number, "--remove", "note", "--reason", "So")
    assert "note" not in _variables(comity, number)


def test_a_failure_says_which_instance_it_was(comity: Comity, engine: ProcessEngine) -> None:
    each = multi_instance(collection="=numbers", item="number")
    model = process(
        "share",
        start(),
        user_task("ask", "Ask", assignee="ann"),
        script("divide", "result = 100 / number", each),
        end("e"),
        flows("s", "ask", "divide", "e"),
        candidateStarterGroups="staff",
    )
    engine.repository.deploy({"share.bpmn": model}, name="share", actor=ENGINE)
    case = engine.runtime.start("share", {}, actor=ENGINE)
    comity.well("case", "set", case.number, "numbers=[1, 0]", "--reason", "They were missing")
    with pytest.raises(StepFailed):
        engine.tasks.complete(engine.history.case(case.id, ENGINE).tasks[0].id, {}, actor=ENGINE)
    assert "at divide, instance 2 of 2, number: 0\n" in comity.well("case", "show", case.number)
    (failure,) = _shown(comity, case.number)["failures"]
    assert failure["instance"] == "instance 2 of 2, number: 0"


def test_tokens_are_moved_and_skipped_and_the_case_is_cancelled(comity: Comity, number: str) -> None:
    assert comity.well("case", "move", number, "ask", "check", "--reason", "So") == f"{number}: moved.\n"
    token = _shown(comity, number)["tokens"][0]["token"]
    said = comity.well("case", "skip", number, token, 'said="yes"', "--reason", "So")
    assert said == f"{number}: skipped; the case is completed.\n"
    assert "no token stands" in comity("case", "move", number, "check", "ask", "--reason", "So").refusal()
    for arguments in (["cancel", number], ["set", number, "a=1"]):
        said = comity("case", *arguments, "--reason", "So").refusal()
        assert said.startswith(f"Case {number} has ended (completed, 2")
        assert said.endswith("UTC): nothing in it can be changed any more.")


def test_a_reason_that_is_missing_is_told_by_its_name(comity: Comity, number: str) -> None:
    said = comity("case", "set", number, "a=1", "--reason", "").refusal()
    assert said == "reason: Say in 1 to 500 characters why."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "C-999999"], "no case 'C-999999'"),
        (["move", "{number}", "nowhere", "check", "--reason", "So"], "At 'nowhere' no token stands"),
        (["move", "{number}", "ask", "s", "--reason", "So"], "No flow leads to"),
        (["move", "{number}", "ask", "divide", "--reason", "So"], "divisor"),
        (["skip", "{number}", "ask", "--reason", " "], "1 to 500 characters"),
        (["set", "{number}", "--reason", "So"], "have these values already"),
        (["set", "{number}", "a=1", "--remove", "a", "--reason", "So"], "not both"),
        (["set", "{number}", "a=1", "--reason", "So", "--as", "otis"], "no case"),
        (["retry", "{number}", "--failure", "x"], "no such open failure"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    comity: Comity, number: str, arguments: list[str], words: str
) -> None:
    assert words in comity("case", *(each.format(number=number) for each in arguments)).refusal()


@pytest.mark.parametrize(
    ("value", "words"),
    [("a", "not NAME=JSON"), ("a=yes", "a text needs its quotes"), ("a=[1,]", "column"), ("a=1", "given twice")],
)
def test_values_are_json(comity: Comity, number: str, value: str, words: str) -> None:
    said = comity("case", "set", number, "a=1" if value == "a=1" else "b=1", value, "--reason", "So")
    assert said.code == 2
    assert words.lower() in said.err.lower()
    assert _shown(comity, number)["revision"] == 1
