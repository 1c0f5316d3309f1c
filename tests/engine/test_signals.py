"""Signals between cases: all that wait are reached, each once, each in a step of its own."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import ConcurrentUpdate, InputRefused, NotPermitted, StepFailed
from engine.persistence import store
from engine.persistence.statements import JOB
from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flow,
    flows,
    gateway,
    process,
    script,
    signal,
    signal_event,
    start,
    throw,
    user_task,
)
from tests.engine.stage import ANN, OLGA, OWEN, OWNER, STARTERS, Stage, at_once

NEWS = signal("n", "news")


def listener(key: str = "p", *, work: str = "") -> bytes:
    """A process that waits for the signal, runs the script `work`, and asks analysts to read on."""
    steps = ("c", *(("w",) if work else ()), "read")
    return process(
        key,
        start(),
        catch("c", signal_event("n"), "News", {"resultVariable": "got"}),
        script("w", work) if work else "",
        user_task("read", "Read", candidateGroups="analysts"),
        end(),
        flows("s", *steps, "e"),
        around=NEWS,
        properties=OWNER,
        **STARTERS,
    )


def thrower(payload: str = '{what: "it"}') -> bytes:
    """A process that throws the signal as soon as it is started."""
    return process(
        "t",
        start(),
        throw("t1", signal_event("n"), {"payload": payload}),
        end(),
        flows("s", "t1", "e"),
        around=NEWS,
        properties=OWNER,
        **STARTERS,
    )


def beside(*, interrupting: bool) -> bytes:
    """A process with the task `a`, on which the signal brings `late` about."""
    return process(
        "p",
        start(),
        user_task("a", candidateGroups="analysts"),
        boundary("b", "a", signal_event("n"), interrupting=interrupting),
        user_task("late", candidateGroups="analysts"),
        end(),
        end("le"),
        flows("s", "a", "e"),
        flows("b", "late", "le"),
        around=NEWS,
        properties=OWNER,
        **STARTERS,
    )


def test_a_signal_reaches_every_case_that_waits_when_it_is_thrown(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(), t__bpmn=thrower())
    early = [stage.start().id for _ in range(3)]
    stage.start("t", ANN)
    late = stage.start().id
    assert stage.tasks() == ()
    assert {row.instance_id for row in stage.rows("SELECT instance_id FROM job WHERE kind = 'signal'")} == set(early)
    assert stage.engine.management.run_due() == 3
    assert {task.case.id for task in stage.tasks()} == set(early)
    assert stage.engine.management.run_due() == 0
    assert stage.count("job") == 0
    assert [each.kind for each in stage.engine.history.case(late, ENGINE).waits] == ["signal"]


def test_what_a_signal_brings_is_kept_and_the_log_tells_of_it(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(), t__bpmn=thrower())
    case = stage.start().id
    thrown = stage.start("t", ANN).id
    stage.engine.management.run_due()
    with stage.engine.database.read() as connection:
        row = store.load_case(connection, case)
    assert row is not None
    assert row.variables["got"] == {"what": "it"}
    for each in (case, thrown):
        events = stage.engine.history.timeline(each, ENGINE)
        assert [event.element_id for event in events if event.interface == "signal:news"]


def test_people_throw_signals_too(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener())
    stage.start()
    throw_signal = stage.engine.runtime.throw_signal
    with pytest.raises(NotPermitted):
        throw_signal("news", {}, actor=OLGA)
    with pytest.raises(InputRefused, match="knows a signal"):
        throw_signal("nothing", {}, actor=ANN)
    with pytest.raises(InputRefused, match="1 to 255"):
        throw_signal("", {}, actor=ANN)
    with pytest.raises(InputRefused, match="payload"):
        throw_signal("news", {"x": object()}, actor=ANN)
    reach = throw_signal("news", {"x": 1}, actor=ANN)
    assert (reach.events, reach.starts) == (1, 0)
    stage.engine.management.run_due()
    assert stage.task("read").name


def test_nobody_throws_a_reference_at_the_cases_of_others(stage: Stage) -> None:
    """Each of them would fail by it: they take no references from outside."""
    stage.deploy(p__bpmn=listener())
    stage.start()
    reference = {"register": "secrets", "id": "S-0001", "version": 1}
    for payload in (reference, {"of": [reference]}):
        with pytest.raises(InputRefused, match="Send the fields themselves"):
            stage.engine.runtime.throw_signal("news", payload, actor=ANN)
    assert stage.count("job") == 0


def test_a_signal_is_no_message(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener())
    stage.start()
    with pytest.raises(InputRefused, match="waits for a message"):
        stage.engine.runtime.send_message("news", None, {}, actor=ANN)


def test_a_case_that_goes_on_meanwhile_does_not_take_it(stage: Stage) -> None:
    stage.deploy(p__bpmn=beside(interrupting=True), t__bpmn=thrower())
    case = stage.start().id
    stage.start("t", ANN)
    stage.do("a")
    assert stage.engine.management.run_due() == 0
    assert stage.count("job") == 0
    assert stage.engine.history.case(case, ENGINE).status == "completed"


def test_one_that_fails_does_not_hold_up_the_others_and_is_tried_again(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(work="ratio = 1 / got['n']"))
    stage.deploy(q__bpmn=listener("q"))
    bad, good = stage.start().id, stage.start("q").id
    stage.engine.runtime.throw_signal("news", {"n": 0}, actor=ANN)
    stage.engine.management.run_due()
    assert [task.case.id for task in stage.tasks()] == [good]
    (failure,) = stage.engine.management.failures(OWEN).rows
    assert (failure.case.id, failure.kind, failure.element_id) == (bad, "signal", "w")
    assert failure.retry_at == stage.clock.now + timedelta(minutes=1)
    with pytest.raises(StepFailed):
        stage.engine.management.retry(failure.id, actor=OWEN)
    for _ in range(4):
        stage.clock.pass_by(hours=2)
        stage.engine.management.run_due()
    (failure,) = stage.engine.management.failures(OWEN).rows
    assert failure.retry_at is None
    stage.engine.runtime.cancel(bad, "no use", actor=OWEN)
    assert stage.engine.management.failures(OWEN).rows == ()
    assert stage.engine.management.run_due() == 0
    assert stage.count("job") == 0


def test_a_failed_signal_is_retried_by_an_owner(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(work="ratio = 1 / got['n']"))
    case = stage.start().id
    stage.engine.runtime.throw_signal("news", {"n": 0}, actor=ANN)
    stage.engine.management.run_due()
    (failure,) = stage.engine.management.failures(OWEN).rows
    with stage.engine.database.write() as connection:
        connection.execute(sa.update(JOB).values(payload={"n": 2}))
    assert stage.engine.management.retry(failure.id, actor=OWEN).id == case
    assert stage.task("read").case.id == case
    with pytest.raises(ConcurrentUpdate):
        stage.engine.management.retry(failure.id, actor=OWEN)
    assert stage.count("job") == 0


def test_every_throw_is_taken_by_what_does_not_interrupt(stage: Stage) -> None:
    stage.deploy(p__bpmn=beside(interrupting=False))
    stage.start()
    for _ in range(3):
        stage.engine.runtime.throw_signal("news", actor=ANN)
    stage.engine.management.run_due()
    assert [task.element_id for task in stage.tasks()].count("late") == 3


def test_two_schedulers_let_each_case_take_it_once(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener())
    for _ in range(6):
        stage.start()
    stage.engine.runtime.throw_signal("news", actor=ANN)
    other = stage.another()
    outcomes = at_once(*(each.engine.management.run_due for each in (stage, other, stage, other)))
    assert [each.error for each in outcomes] == [None] * 4
    stage.engine.management.run_due()
    assert len(stage.tasks()) == 6
    completed = "SELECT count(*) FROM activity_event WHERE element_id = 'c' AND kind = 'activity.completed'"
    assert stage.value(completed) == 6


def test_a_throw_and_a_case_that_begins_to_wait_at_once_lose_nothing(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener(), t__bpmn=thrower())
    outcomes = at_once(*([stage.start] * 3), *([lambda: stage.start("t", ANN)] * 3))
    assert [each.error for each in outcomes] == [None] * 6
    waited = stage.count("job")
    stage.engine.management.run_due()
    taken, waiting = len(stage.tasks()), stage.count("subscription")
    assert taken + waiting == 3
    assert bool(waited) == bool(taken)


def test_a_case_takes_its_own_signal_in_the_step_and_not_again(stage: Stage) -> None:
    content = process(
        "p",
        start(),
        gateway("f", "parallel"),
        user_task("go", candidateGroups="analysts"),
        throw("t", signal_event("n")),
        catch("c", signal_event("n")),
        user_task("read", candidateGroups="analysts"),
        end(),
        flows("s", "f", "go", "t", "e"),
        flows("f", "c", "read"),
        flow("read", "e"),
        around=NEWS,
        properties=OWNER,
        **STARTERS,
    )
    stage.deploy(p__bpmn=content)
    stage.start()
    stage.do("go")
    assert stage.task("read").name
    assert stage.count("job") == 0
