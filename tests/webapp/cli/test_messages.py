"""`comity message` and `comity outbox`."""

import json

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
    process_part,
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
    assert "More than one case waits" in sentence


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
    monkeypatch.setattr("engine.management.MAX_PAGE", 2)
    for number in range(5):
        order(engine, f"piece {number}")
    assert len(comity.well("outbox").splitlines()) == 5
