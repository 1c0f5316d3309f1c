"""Event sub-processes, caught failures, escalations and conditions as cases live through them, on the databases."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from engine.errors import TaskNotOpen
from engine.types import ENGINE
from engine.views import TimelineEntry
from tests.bpmn_models import (
    boundary,
    catch,
    condition,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flows,
    gateway,
    message,
    message_event,
    process,
    script,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)
from tests.engine.stage import ANN, OLGA, OWNER, STARTERS, Stage, at_once, form

AROUND = message("M", "withdraw") + signal("S", "news") + escalation("N", "late") + error("F", "SCRIPT_FAILED")


def offered(identity: str, **facts: Any) -> str:
    """A user task for analysts."""
    return user_task(identity, identity.capitalize(), candidateGroups="analysts", **facts)


def handler(identity: str, definition: str, *, interrupting: bool = True, **properties: str) -> str:
    """An event sub-process with one user task for analysts."""
    return event_sub_process(
        identity,
        definition,
        offered(f"{identity}_task"),
        end(f"{identity}_end", f"{identity} handled"),
        flows(f"{identity}_start", f"{identity}_task", f"{identity}_end"),
        interrupting=interrupting,
        name=f"Take {identity}",
        properties=properties,
    )


def deploy(stage: Stage, *parts: str) -> None:
    """Deploy a process of the tasks `ask` and `tell`, with `parts`."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            offered("ask", formRef="f"),
            offered("tell", formRef="f"),
            end("e", "Told"),
            flows("s", "ask", "tell", "e"),
            *parts,
            around=AROUND,
            properties=OWNER,
            **STARTERS,
        ),
        f__form=form("f", "answer", {"type": "number", "key": "amount", "label": "Amount"}),
    )


def open_tasks(stage: Stage) -> list[str]:
    return sorted(row.element_id for row in stage.tasks())


def test_a_timer_that_starts_an_event_sub_process_fires_as_a_job(stage: Stage) -> None:
    deploy(stage, handler("late", timer("Cycle", "R2/PT1H"), interrupting=False))
    case = stage.start()
    assert [(job.kind, job.name) for job in stage.rows("SELECT kind, name FROM job")] == [("timer", "Take late")]
    for left in (1, 0):
        stage.clock.pass_by(hours=1)
        assert stage.engine.management.run_due() == 1
        assert stage.count("job") == left
    assert open_tasks(stage) == ["ask", "late_task", "late_task"]
    stage.do("ask")
    stage.do("tell")
    assert stage.engine.history.case(case.id, OLGA).status == "active"
    for task in stage.tasks():
        stage.complete(task.id)
    assert stage.engine.history.case(case.id, OLGA).status == "completed"


def test_a_listener_goes_with_its_case(stage: Stage) -> None:
    deploy(stage, handler("late", timer("Duration", "PT1H")), handler("stop", message_event("M")))
    stage.start()
    assert (stage.count("job"), stage.count("subscription")) == (1, 1)
    stage.do("ask")
    stage.do("tell")
    assert (stage.count("job"), stage.count("subscription")) == (0, 0)


def test_a_case_does_not_stand_at_what_may_interrupt_it(stage: Stage) -> None:
    deploy(stage, handler("late", timer("Duration", "PT1H")), handler("stop", message_event("M")))
    case = stage.engine.history.case(stage.start().id, OLGA)
    assert case.models[0].active == ("ask",)
    assert sorted(wait.kind for wait in case.waits) == ["message", "timer"], "its page says all the same what may come"
    (row,) = stage.engine.history.cases(OLGA).rows
    assert [turn.kind for turn in row.waiting_for] == ["task"]


def test_a_message_that_starts_an_event_sub_process_finds_its_case(stage: Stage) -> None:
    deploy(stage, handler("stop", message_event("M"), correlationKey="answer", resultVariable="told"))
    stage.deploy(
        q__bpmn=process(
            "q",
            start(form="f"),
            offered("work"),
            end(),
            flows("s", "work", "e"),
            handler("stop", message_event("M"), correlationKey="answer", resultVariable="told"),
            around=AROUND,
            properties=OWNER,
            **STARTERS,
        )
    )
    one, two = stage.start("q", answer="1"), stage.start("q", answer="2")
    delivery = stage.engine.runtime.send_message("withdraw", "2", {"why": "no need"}, actor=ENGINE)
    assert (delivery.state, delivery.case.id if delivery.case else None) == ("delivered", two.id)
    assert open_tasks(stage) == ["stop_task", "work"]
    told = [entry for entry in stage.engine.history.timeline(two.id, ENGINE) if entry.element_id == "stop_start"]
    assert [(entry.kind, entry.element_kind, entry.interface) for entry in told] == [
        ("activity.completed", "eventSubProcessStart", "message:withdraw")
    ]
    stage.do("stop_task")
    assert stage.engine.history.case(two.id, OLGA).status == "completed"
    assert stage.engine.history.case(one.id, OLGA).status == "active"


def test_a_signal_of_another_case_starts_an_event_sub_process(stage: Stage) -> None:
    deploy(stage, handler("news", signal_event("S"), interrupting=False))
    stage.deploy(
        t__bpmn=process(
            "t",
            start(),
            throw("t1", signal_event("S")),
            end(),
            flows("s", "t1", "e"),
            around=AROUND,
            properties=OWNER,
            **STARTERS,
        )
    )
    stage.start()
    for _ in range(2):
        stage.start("t")
        stage.engine.management.run_due()
    assert open_tasks(stage) == ["ask", "news_task", "news_task"]


def test_a_condition_is_asked_after_a_task_of_a_person(stage: Stage) -> None:
    deploy(stage, handler("big", condition("amount > 1000"), interrupting=False))
    case = stage.start()
    stage.do("ask", amount=10)
    assert open_tasks(stage) == ["tell"]
    stage.do("tell", amount=5000)
    assert open_tasks(stage) == ["big_task"]
    assert stage.engine.history.case(case.id, OLGA).status == "active"


def test_a_case_may_wait_for_a_condition_alone(stage: Stage) -> None:
    parts = (
        start(),
        gateway("g", "parallel"),
        offered("ask", formRef="f"),
        end(),
        catch("c", condition("amount > 1")),
        offered("tell"),
        end("e2"),
    )
    stage.deploy(
        p__bpmn=process(
            "p", *parts, flows("s", "g", "ask", "e"), flows("g", "c", "tell", "e2"), properties=OWNER, **STARTERS
        ),
        f__form=form("f", {"type": "number", "key": "amount", "label": "Amount"}),
    )
    stage.start()
    stage.do("ask", amount=2)
    assert open_tasks(stage) == ["tell"]


def test_a_failing_script_that_is_caught_leaves_no_failure(stage: Stage) -> None:
    work = (
        script("work", "answer = 1 / amount"),
        boundary("b", "work", error_event("F", errorMessageVariable="why")),
        offered("mend"),
        end("e2", "Mended"),
    )
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            offered("ask", formRef="f"),
            *work,
            end("e", "Worked"),
            flows("s", "ask", "work", "e"),
            flows("b", "mend", "e2"),
            around=AROUND,
            properties=OWNER,
            **STARTERS,
        ),
        f__form=form("f", {"type": "number", "key": "amount", "label": "Amount"}),
    )
    case = stage.start()
    stage.do("ask", amount=0)
    assert open_tasks(stage) == ["mend"]
    assert stage.count("failure") == 0
    told = [(entry.element_id, entry.kind) for entry in stage.engine.history.timeline(case.id, ENGINE)]
    assert ("work", "activity.cancelled") in told
    assert ("b", "activity.completed") in told
    stage.do("mend")
    assert stage.engine.history.case(case.id, OLGA).outcome == "Mended"


def test_an_escalation_is_in_the_log_and_one_that_nobody_catches_is_a_warning(stage: Stage) -> None:
    inner = sub_process("sub", start("is"), throw("up", escalation_event("N")), end("ie"), flows("is", "up", "ie"))
    event = boundary("b", "sub", escalation_event("N"), interrupting=False) + end("be") + flows("b", "be")

    def told(key: str, *events: str) -> Sequence[TimelineEntry]:
        path = flows("s", "sub", "tell", "e")
        parts = (start(), inner, offered("tell"), end(), path, *events)
        model = process(key, *parts, around=AROUND, properties=OWNER, **STARTERS)
        stage.engine.repository.deploy({f"{key}.bpmn": model}, name="test", actor=ENGINE)
        return stage.engine.history.timeline(stage.start(key).id, ENGINE)

    caught, uncaught = told("p", event), told("q")
    assert {"up", "b"} <= {entry.element_id for entry in caught}
    warnings = [text for entry in uncaught for text in entry.detail.get("warnings", ())]
    assert warnings == ["'up' threw the escalation 'late' that no event around it catches."]


def test_one_of_a_task_and_a_message_that_interrupts_it_wins(stage: Stage) -> None:
    """Both at once: the task is completed and then interrupted, or it is gone; never half of each."""
    deploy(stage, handler("stop", message_event("M")))
    other = stage.another()
    for _ in range(5):
        case = stage.start()
        task = stage.task("ask")
        done, sent = at_once(
            partial(stage.complete, task.id),
            partial(other.engine.runtime.send_message, "withdraw", None, {}, actor=ENGINE),
        )
        assert sent.error is None
        assert done.error is None or isinstance(done.error, TaskNotOpen)
        stage.engine.management.run_due()
        assert open_tasks(stage) == ["stop_task"]
        stage.do("stop_task")
        assert stage.engine.history.case(case.id, OLGA).status == "completed"
        assert not stage.tasks(ANN)
