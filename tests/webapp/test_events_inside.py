"""A process with event sub-processes on the pages: published, run to its end, told in words, drawn as steps."""

from typing import Any

from engine.types import ENGINE
from tests.bpmn_models import (
    catch,
    end,
    error_event,
    event_sub_process,
    flows,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user_task,
)
from tests.webapp.site import Site, Visitor
from tests.webapp.test_processes import publish

DESK: dict[str, Any] = {"candidateGroups": "desk", "formRef": "answer"}
FAILED = '<bpmn:error id="F" name="Script failed" errorCode="SCRIPT_FAILED"/>'


def _handler(identity: str, definition: str, name: str, task: str, *, interrupting: bool) -> str:
    """An event sub-process with one task for the desk."""
    path = flows(f"{identity}_start", f"{identity}_task", f"{identity}_end")
    inner = (user_task(f"{identity}_task", task, **DESK), end(f"{identity}_end", f"{name}: done"), path)
    drawn = event_sub_process(identity, definition, *inner, interrupting=interrupting, name=name)
    return drawn.replace(f'id="{identity}_start"', f'id="{identity}_start" name="{name}"')


MODEL = process(
    "handle_recall",
    start("s", form="wish"),
    user_task("Task_Answer", "Answer the wish", **DESK),
    script("Sum", "rest = 1 / 0"),
    end("e", "Answered"),
    flows("s", "Task_Answer", "Sum", "e"),
    _handler("Recall", message_event("M"), "Wish recalled", "File the recall", interrupting=True),
    _handler("Slow", timer("Duration", "PT20M"), "Nobody answers", "Ask why", interrupting=False),
    _handler("Wrong", error_event("F"), "Sum impossible", "Mend the sum", interrupting=True),
    around=message("M", "wish_recalled") + FAILED,
    properties={"ownerGroup": "owners", "originator": "initiator.id", "organisation": "initiator.organisation"},
    candidateStarterGroups="originator,staff",
).replace(b'id="handle_recall"', b'id="handle_recall" name="Handle a recall"')


def begin(site: Site, petra: Visitor) -> str:
    """Publish the model by the page, and start a case of it; its id comes back."""
    publish(petra, {"recall.bpmn": MODEL}, 303)
    actor = site.engine.identity.actor("ines")
    return site.engine.runtime.start("handle_recall", {"title": "A red pen"}, actor=actor).id


def test_a_signal_that_was_waited_for_is_told(site: Site, petra: Visitor) -> None:
    waits = catch("Arrived", signal_event("N"), name="Delivery arrived")
    model = process(
        "supplies", start(), waits, user_task("Task_Unpack", "Unpack", **DESK), end(),
        flows("s", "Arrived", "Task_Unpack", "e"), around=signal("N", "delivery"),
        properties={"ownerGroup": "owners"}, candidateStarterGroups="staff",
    )  # fmt: skip
    publish(petra, {"supplies.bpmn": model}, 303)
    case = site.engine.runtime.start("supplies", {}, actor=ENGINE)
    site.engine.runtime.throw_signal("delivery", {}, actor=ENGINE)
    site.engine.management.run_due()
    assert "Signal: Delivery arrived" in petra.get(f"/cases/{case.id}").text


def test_a_case_is_interrupted_and_ends_by_its_event_sub_process(site: Site, petra: Visitor, anna: Visitor) -> None:
    case = begin(site, petra)
    shown = petra.get(f"/cases/{case}").text
    for name in ("Answer the wish", "Wish recalled", "File the recall", "Nobody answers", "Ask why"):
        assert name in shown, "the steps name what is inside"
    assert "Wish recalled: if a message comes" in shown, "the case does not stand there"
    site.clock.pass_(minutes=20)
    site.engine.management.run_due()
    listed = anna.get("/tasks").text
    assert "Answer the wish" in listed
    assert "Ask why" in listed
    site.engine.runtime.send_message("wish_recalled", None, {}, actor=ENGINE)
    listed = anna.get("/tasks").text
    assert "Answer the wish" not in listed
    assert "Ask why" not in listed, "what ran beside is interrupted too"
    (task,) = site.engine.history.case(case, ENGINE).tasks
    anna.send(anna.get(f"/tasks/{task.id}"), f"/tasks/{task.id}/claim")
    anna.send(anna.get(f"/tasks/{task.id}"), f"/tasks/{task.id}", {"decision": "yes"})
    told = anna.get(f"/cases/{case}").text
    for words in (
        "Event: Nobody answers",
        "Message received: Wish recalled",
        "Not needed any more: Answer the wish",
        "Event: Wish recalled",
        "Anna Desk completed File the recall",
        "The case was completed",
    ):
        assert words in told, words


def test_a_script_that_fails_is_caught_and_nobody_has_to_mend_the_case(
    site: Site, petra: Visitor, anna: Visitor
) -> None:
    case = begin(site, petra)
    (task,) = site.engine.history.case(case, ENGINE).tasks
    anna.send(anna.get(f"/tasks/{task.id}"), f"/tasks/{task.id}/claim")
    anna.send(anna.get(f"/tasks/{task.id}"), f"/tasks/{task.id}", {"decision": "yes"})
    (task,) = site.engine.history.case(case, ENGINE).tasks
    assert task.name == "Mend the sum"
    assert "Event: Sum impossible" in anna.get(f"/cases/{case}").text
    assert "There are none: nothing to do." in petra.get("/failures").text


def test_the_definitions_page_draws_a_model_with_event_sub_processes(site: Site, petra: Visitor) -> None:
    begin(site, petra)
    listed = petra.get("/processes")
    for address in {link for link in listed.links() if "handle_recall" in link}:
        assert "Handle a recall" in petra.get(address).text
    assert "Handle a recall" in petra.get("/performance").text
