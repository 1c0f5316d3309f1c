"""`comity message`, `comity signal`, `comity starts` and `comity outbox`."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import (
    catch,
    definitions,
    element,
    end,
    flow,
    flows,
    gateway,
    message,
    message_event,
    process,
    process_part,
    script,
    signal_event,
    start,
)
from tests.webapp.cli.command import Comity
from tests.webapp.cli.content import files


def order(engine: ProcessEngine, title: str) -> CaseRef:
    return engine.runtime.start("take_order", {"title": title}, actor=ENGINE)


def test_a_message_goes_to_the_case_with_its_key(comity: Comity, engine: ProcessEngine) -> None:
    lamp, table = order(engine, "lamp"), order(engine, "table")
    said = comity.well("message", "order_ready", "--key", "lamp", "--payload", '{"where": "shelf 4"}')
    assert said == f"Delivered to case {lamp.number}.\n"
    assert engine.history.case(lamp.id, ENGINE).status == "completed"
    assert engine.history.case(table.id, ENGINE).status == "active"


def test_an_early_message_is_kept_for_the_case_to_come(comity: Comity, engine: ProcessEngine) -> None:
    said = comity.well("message", "order_ready", "--key", "lamp", "--payload", '{"where": "shelf 4"}')
    assert said.startswith("No case waits for it yet: kept until 2")
    assert engine.history.case(order(engine, "lamp").id, ENGINE).status == "completed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["order_eaten"], "No process that is deployed waits for a message named 'order_eaten'"),
        (["order_ready", "--key", "lamp"], "where"),
        (["order_ready", "--key", "lamp", "--payload", '{"where": "a place with far too long a name"}'], "where"),
        (["order_ready", "--key", "lamp", "--payload", '{"where": "here", "price": 1}'], "price"),
    ],
)
def test_a_message_that_nobody_could_receive_is_refused(
    comity: Comity, engine: ProcessEngine, arguments: list[str], words: str
) -> None:
    lamp = order(engine, "lamp")
    assert words in comity("message", *arguments).refusal()
    assert engine.history.case(lamp.id, ENGINE).status == "active"


@pytest.mark.parametrize("payload", ["{where: here}", "[1]", "3", ""])
def test_a_payload_that_is_no_json_object_is_wrong_usage(comity: Comity, payload: str) -> None:
    said = comity("message", "order_ready", "--payload", payload)
    assert said.code == 2
    assert "--payload" in said.err


def test_an_ambiguous_message_is_refused(comity: Comity, engine: ProcessEngine) -> None:
    order(engine, "lamp"), order(engine, "lamp")
    sentence = comity("message", "order_ready", "--key", "lamp", "--payload", '{"where": "here"}').refusal()
    assert "More than one case, or more than one place in a case, waits" in sentence


def test_an_originator_sends_no_messages(comity: Comity) -> None:
    assert "Only staff" in comity("message", "order_ready", "--as", "ines").refusal()


def test_a_case_that_cannot_go_on_with_the_message_is_told(comity: Comity, engine: ProcessEngine) -> None:
    model = definitions(
        message("ready", "lamp_ready"),
        process_part(
            "light_up",
            element("startEvent", "start"),
            catch("wait", message_event("ready"), properties={"resultVariable": "answer", "form": "ready"}),
            gateway("where"),
            end("found"),
            flows("start", "wait", "where"),
            flow("where", "found", 'answer.where = "shelf"'),
            properties={"ownerGroup": "owners"},
            candidateStarterGroups="staff",
        ),
    )
    engine.repository.deploy({"light_up.bpmn": model, "ready.form": files()["ready.form"]}, name="Lamp", actor=ENGINE)
    case = engine.runtime.start("light_up", {}, actor=ENGINE)
    sentence = comity("message", "lamp_ready", "--payload", '{"where": "attic"}').refusal()
    assert sentence == "Error: The case took the message but could not go on: see its failures."
    assert engine.history.case(case.id, ENGINE).failures


def test_the_outbox_is_lines_of_json(comity: Comity, engine: ProcessEngine) -> None:
    assert comity.well("outbox") == ""
    cases = [order(engine, f"piece {number} \u00e9") for number in range(3)]
    lines = [json.loads(line) for line in comity.well("outbox").splitlines()]
    assert [line["case"] for line in lines] == [case.number for case in cases]
    assert lines[0]["payload"] == {"title": "piece 0 \u00e9"}
    assert {line["destination"] for line in lines} == {"workshop"}
    engine.management.hand_over(lines[0]["id"], actor=ENGINE)
    assert [json.loads(line)["id"] for line in comity.well("outbox").splitlines()] == [line["id"] for line in lines[1:]]
    states = [json.loads(line)["state"] for line in comity.well("outbox", "--all").splitlines()]
    assert states == ["handed over", "pending", "pending"]


def test_the_outbox_goes_on_over_pages(comity: Comity, engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.management.service.MAX_PAGE", 2)
    for number in range(5):
        order(engine, f"piece {number}")
    assert len(comity.well("outbox").splitlines()) == 5


def started_by(definition: str, source: str = "x = 1") -> bytes:
    """A process that `definition` starts and that runs a script."""
    around = '<bpmn:message id="m1" name="begin" /><bpmn:signal id="s1" name="closing" />'
    path = (start("s", definition), script("w", source), end(), flows("s", "w", "e"))
    return process("begun", *path, around=around)


def test_a_message_starts_a_case(comity: Comity, engine: ProcessEngine) -> None:
    engine.repository.deploy({"begun.bpmn": started_by(message_event("m1"))}, name="b", actor=ENGINE)
    assert comity.well("message", "begin").startswith("Started case C-")


def test_a_message_is_kept_as_long_as_is_said(comity: Comity, engine: ProcessEngine) -> None:
    said = comity.well("message", "order_ready", "--key", "lamp", "--payload", '{"where": "x"}', "--keep", "12h")
    (until,) = re.findall(r"kept until (.*) UTC", said)
    kept = datetime.strptime(until, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(hours=11) < kept <= timedelta(hours=12)
    for wrong in ("soon", "12", "1y", "9999999d"):
        assert comity("message", "order_ready", "--keep", wrong).code == 2


def test_a_signal_is_thrown(comity: Comity, engine: ProcessEngine) -> None:
    engine.repository.deploy({"begun.bpmn": started_by(signal_event("s1"))}, name="b", actor=ENGINE)
    said = comity.well("signal", "closing", "--payload", '{"day": 1}')
    assert said == "Thrown to 0 events of running cases and 1 start event.\n"
    assert engine.management.run_due() == 1
    assert "knows a signal named 'gone'" in comity("signal", "gone").refusal()
    assert comity("signal", "closing", "--payload", "[]").code == 2


def test_starts_that_failed_are_listed_and_tried_again(comity: Comity, engine: ProcessEngine) -> None:
    engine.repository.deploy({"begun.bpmn": started_by(message_event("m1"), "x = 1 / 0")}, name="b", actor=ENGINE)
    assert "could not start a case" in comity("message", "begin").refusal()
    (line,) = comity.well("starts", "list").splitlines()
    failed = json.loads(line)
    assert (failed["process"], failed["kind"], failed["name"], failed["attempts"]) == ("begun", "message", "begin", 1)
    assert "division by zero" in comity("starts", "retry", failed["id"]).refusal()
    engine.repository.deploy({"begun.bpmn": started_by(message_event("m1"))}, name="b", actor=ENGINE)
    assert comity.well("starts", "retry", failed["id"]).startswith("Started case C-")
    assert comity.well("starts", "list") == ""
    assert "failed start" in comity("starts", "retry", failed["id"]).refusal()
