"""Operations of service tasks: called outside of steps, once at a time, again when a process was killed; failures."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ComityError, ConcurrentUpdate, DatabaseUnavailable, DefinitionRefused, StepFailed
from engine.jobs import operations as operation_jobs
from engine.operations import Input, Operation, OperationCall, OperationError, Output
from tests.bpmn_models import (
    boundary,
    end,
    error,
    error_event,
    flow,
    flows,
    multi_instance,
    parameters,
    process,
    script,
    service_task,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ANN, OWEN, OWNER, STARTERS, Clock, Stage, at_once, form

ROOT = Path(__file__).parents[2]
INPUTS = [Input("what", "text", "What to order.")]
OUTPUTS = [Output("number", "text", "The order's number.")]


class Shop:
    """An operation under test: `calls` are what it was called with, `answer` says what it does then."""

    def __init__(self) -> None:
        self.calls: list[tuple[OperationCall, str]] = []
        self.answer: Callable[[], dict[str, Any]] = lambda: {"number": f"O-{len(self.calls)}"}

    def order(self, call: OperationCall, what: str) -> dict[str, Any]:
        self.calls.append((call, what))
        return self.answer()

    def operation(self) -> Operation:
        return Operation("order", "Order", "Orders things.", self.order, INPUTS, OUTPUTS)


def model(*more: str, properties: dict[str, str] | None = None, extension: str = "", inner: str = "") -> bytes:
    task = service_task("t", "order", inner, {"resultVariable": "r", **(properties or {})}, extension, what="=title")
    return process(
        "p", start(form="f"), task, user_task("u", "Look", candidateGroups="analysts"), end(),
        flows("s", "t", "u", "e"), *more,
        around=error("R", "REFUSED") + error("F", "OPERATION_FAILED"), properties=OWNER, **STARTERS,
    )  # fmt: skip


def retried(text: str) -> str:
    return f"<camunda:failedJobRetryTimeCycle>{text}</camunda:failedJobRetryTimeCycle>"


def handled(event: str) -> str:
    return (
        boundary("b", "t", event)
        + user_task("h", "Handle", candidateGroups="analysts")
        + flow("b", "h")
        + flow("h", "e")
    )


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def stage(database: str, shop: Shop) -> Iterator[Stage]:
    made = Stage(database, operations=[shop.operation()])
    yield made
    made.close()


def deploy(stage: Stage, content: bytes) -> None:
    stage.deploy(p__bpmn=content, f__form=form("f", "title"))


def variables(stage: Stage) -> Any:
    """Return the data of the only case."""
    found = stage.value("SELECT variables FROM process_instance")
    return json.loads(found) if isinstance(found, str) else found


def failure(stage: Stage) -> Any:
    (found,) = stage.engine.management.failures(OWEN).rows
    return found


def test_an_operation_is_called_after_its_step_and_its_result_goes_on(stage: Stage, shop: Shop) -> None:
    deploy(stage, model())
    case = stage.start(title="chair")
    assert shop.calls == []
    detail = stage.engine.history.case(case.id, OWEN)
    assert [(wait.kind, wait.element_id) for wait in detail.waits] == [("operation", "t")]
    assert stage.engine.management.run_due() == 1
    ((call, what),) = shop.calls
    assert (what, call.case_number, call.now, call.attempt) == ("chair", case.number, stage.clock.now, 1)
    assert stage.task("u").id
    assert variables(stage)["r"] == {"number": "O-1"}
    assert stage.count("job") == 0
    assert stage.engine.management.run_due() == 0
    logged = stage.rows("SELECT kind, element_id FROM activity_event WHERE interface = 'operation:order' ORDER BY id")
    assert [tuple(row) for row in logged] == [("activity.started", "t"), ("activity.completed", "t")]


def test_each_instance_is_a_call_of_its_own(stage: Stage, shop: Shop) -> None:
    extension = parameters({"what": "=thing"})
    task = service_task(
        "t", "order", multi_instance(collection="things", item="thing"), {"resultVariable": "all"}, extension
    )
    content = process(
        "p", start(), script("make", "things = ['chair', 'table']"), task, user_task("u", candidateGroups="analysts"),
        end(), flows("s", "make", "t", "u", "e"), properties=OWNER, **STARTERS,
    )  # fmt: skip
    deploy(stage, content)
    stage.start()
    assert stage.engine.management.run_due() == 2
    assert {what for _, what in shop.calls} == {"chair", "table"}
    assert len({call.key for call, _ in shop.calls}) == 2
    assert [set(each) for each in variables(stage)["all"]] == [{"number"}, {"number"}]


def test_an_error_of_the_operation_goes_to_its_event(stage: Stage, shop: Shop) -> None:
    def refuse() -> dict[str, Any]:
        raise OperationError("REFUSED", "Not wanted.")

    shop.answer = refuse
    deploy(stage, model(handled(error_event("R"))))
    stage.start(title="x")
    stage.engine.management.run_due()
    assert stage.task("h").id
    assert stage.count("failure") == 0


def test_an_operation_that_says_itself_what_is_missing_is_told_in_its_own_words(stage: Stage, shop: Shop) -> None:
    def fail() -> dict[str, Any]:
        raise ComityError("No shop is set up: set COMITY_SHOP to its address.")

    shop.answer = fail
    deploy(stage, model())
    stage.start(title="x")
    stage.engine.management.run_due()
    assert failure(stage).reason == "No shop is set up: set COMITY_SHOP to its address."


def test_a_call_that_fails_is_tried_again_as_the_model_says(
    stage: Stage, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> dict[str, Any]:
        raise ConnectionRefusedError("the shop does not answer")

    right, shop.answer = shop.answer, fail
    deploy(stage, model(extension=retried("PT5M,PT1H")))
    stage.start(title="x")
    stage.engine.management.run_due()
    found = failure(stage)
    assert found.reason == "The operation 'order' failed: ConnectionRefusedError: the shop does not answer"
    assert found.element_name == "t"
    assert found.retry_at == stage.clock.now + timedelta(minutes=5)
    assert "Traceback" in caplog.text
    assert "Traceback" not in found.reason
    stage.clock.pass_by(minutes=4)
    assert stage.engine.management.run_due() == 0
    stage.clock.pass_by(minutes=1)
    stage.engine.management.run_due()
    assert failure(stage).retry_at == stage.clock.now + timedelta(hours=1)
    shop.answer = right
    stage.clock.pass_by(hours=1)
    stage.engine.management.run_due()
    assert len({call.key for call, _ in shop.calls}) == 1
    assert [call.attempt for call, _ in shop.calls] == [1, 2, 3]
    assert stage.task("u").id
    assert stage.engine.management.failures(OWEN).rows == ()


def test_when_no_retry_helps_it_waits_for_a_person(stage: Stage, shop: Shop) -> None:
    right = shop.answer
    shop.answer = lambda: {"number": 1}
    deploy(stage, model(extension=retried("R1/PT1M")))
    stage.start(title="x")
    stage.engine.management.run_due()
    stage.clock.pass_by(minutes=1)
    stage.engine.management.run_due()
    found = failure(stage)
    assert (found.retry_at, found.attempts) == (None, 2)
    assert "has to be a text, not 1" in found.reason
    stage.clock.pass_by(days=30)
    assert stage.engine.management.run_due() == 0
    with pytest.raises(StepFailed, match="has to be a text"):
        stage.engine.management.retry(found.id, actor=OWEN)
    shop.answer = right
    stage.engine.management.retry(found.id, actor=OWEN)
    assert stage.task("u").id
    assert stage.engine.management.failures(OWEN).rows == ()


def test_when_no_retry_helps_an_event_for_failed_operations_catches_it(stage: Stage, shop: Shop) -> None:
    shop.answer = lambda: {"number": 1}
    deploy(stage, model(handled(error_event("F")), extension=retried("R1/PT1M")))
    stage.start(title="x")
    stage.engine.management.run_due()
    assert stage.tasks() == ()
    stage.clock.pass_by(minutes=1)
    stage.engine.management.run_due()
    assert stage.task("h").id
    assert stage.engine.management.failures(OWEN).rows == ()


def test_a_call_that_was_done_is_not_made_again_when_the_step_after_it_fails(stage: Stage, shop: Shop) -> None:
    gate = (
        '<bpmn:exclusiveGateway id="g"/>' + flow("g", "u", "ready = true") + flow("g", "x", "ready = false")
        + end("x")
    )  # fmt: skip
    task = service_task("t", "order", "", {"resultVariable": "r"}, parameters({"what": "x"}))
    content = process(
        "p", start(), task, user_task("u", candidateGroups="analysts"), end(), flows("s", "t", "g"), flow("u", "e"),
        gate, properties=OWNER, **STARTERS,
    )  # fmt: skip
    deploy(stage, content)
    stage.start()
    stage.engine.management.run_due()
    found = failure(stage)
    assert "No condition holds" in found.reason
    with pytest.raises(StepFailed, match="No condition holds"):
        stage.engine.management.retry(found.id, actor=OWEN)
    stage.clock.pass_by(minutes=10)
    stage.engine.management.run_due()
    assert len(shop.calls) == 1


def test_the_result_for_a_cancelled_case_is_dropped_and_said(
    stage: Stage, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    deploy(stage, model())
    case = stage.start(title="x")

    def cancelled_meanwhile() -> dict[str, Any]:
        stage.another().engine.runtime.cancel(case.id, "No longer needed", actor=OWEN)
        return {"number": "O-1"}

    shop.answer = cancelled_meanwhile
    stage.engine.management.run_due()
    assert f"order for case {case.number} (t) was dropped" in caplog.text
    assert stage.count("job") == 0
    assert stage.engine.management.failures(OWEN).rows == ()


def test_the_result_for_a_task_that_an_event_has_ended_is_dropped(
    stage: Stage, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    deploy(stage, model(handled(timer("Duration", "PT1H"))))
    stage.start(title="x")

    def too_late() -> dict[str, Any]:
        stage.clock.pass_by(hours=1)
        stage.another().engine.management.run_due(operations=False)
        return {"number": "O-1"}

    shop.answer = too_late
    stage.engine.management.run_due()
    assert stage.task("h").id
    assert "was dropped" in caplog.text
    assert "r" not in variables(stage)


def test_two_workers_call_once(stage: Stage, shop: Shop) -> None:
    deploy(stage, model())
    for number in range(6):
        stage.start(title=str(number))
    others = [stage.another() for _ in range(3)]
    outcomes = at_once(*(lambda each=each: each.engine.management.call_operations(10) for each in [stage, *others]))
    assert [each.error for each in outcomes] == [None] * 4
    assert sum(each.result for each in outcomes) == 6
    assert sorted(what for _, what in shop.calls) == [str(number) for number in range(6)]
    assert len(stage.tasks()) == 6


def test_a_call_that_lasts_longer_than_its_lease_is_not_made_twice(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ticking(clock: Clock) -> datetime:
        clock.pass_by(microseconds=1)  # no two looks at a real clock show the same
        return clock.now

    monkeypatch.setattr(Clock, "__call__", ticking)
    monkeypatch.setattr(operation_jobs, "RENEW_SECONDS", 0.01)
    deploy(stage, model())
    stage.start(title="x")
    other = stage.another()
    tried: list[int] = []

    def leased_until() -> str:
        return str(stage.value("SELECT leased_until FROM job"))

    def long() -> dict[str, Any]:
        for _ in range(3):
            before = leased_until()
            stage.clock.pass_by(seconds=20)
            deadline = time.monotonic() + 20
            while leased_until() == before and time.monotonic() < deadline:
                time.sleep(0.01)
            tried.append(other.engine.management.call_operations())
        return {"number": "O-1"}

    shop.answer = long
    assert stage.engine.management.run_due() == 1
    assert tried == [0, 0, 0]
    assert len(shop.calls) == 1
    assert stage.task("u").id


def test_a_lease_is_renewed_when_the_database_is_back(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away for one renewal: the next one still finds the lease as it was."""
    monkeypatch.setattr(operation_jobs, "RENEW_SECONDS", 0.01)
    deploy(stage, model())
    stage.start(title="x")
    database = stage.engine.database
    write, away = database.write, threading.Event()

    def writing() -> Any:
        if threading.current_thread().name == "comity-lease" and not away.is_set():
            away.set()
            raise DatabaseUnavailable("gone")
        return write()

    monkeypatch.setattr(database, "write", writing)

    def long() -> dict[str, Any]:
        assert away.wait(20)
        before = stage.value("SELECT leased_until FROM job")
        stage.clock.pass_by(seconds=20)
        deadline = time.monotonic() + 20
        while stage.value("SELECT leased_until FROM job") == before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return {"number": "O-1"}

    shop.answer = long
    assert stage.engine.management.run_due() == 1
    assert stage.task("u").id


def test_a_call_that_lasts_very_long_is_told_once(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(operation_jobs, "RENEW_SECONDS", 0.01)
    deploy(stage, model())
    case = stage.start(title="x")
    told = f"the operation order for case {case.number} (t) has been called for 0:05:00"

    def long() -> dict[str, Any]:
        time.sleep(0.1)
        assert told not in caplog.text
        stage.clock.pass_by(minutes=5)
        deadline = time.monotonic() + 20
        while told not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        return {"number": "O-1"}

    shop.answer = long
    stage.engine.management.run_due()
    assert caplog.text.count(told) == 1


def test_nobody_retries_what_is_being_called(stage: Stage, shop: Shop) -> None:
    deploy(stage, model(extension=retried("R1/PT1M")))
    stage.start(title="x")
    shop.answer = lambda: {"number": 1}
    stage.engine.management.run_due()
    found = failure(stage)
    stage.clock.pass_by(minutes=1)
    refused: list[Exception] = []

    def meanwhile() -> dict[str, Any]:
        try:
            stage.another().engine.management.retry(found.id, actor=OWEN)
        except ConcurrentUpdate as conflict:
            refused.append(conflict)
        return {"number": "O-1"}

    shop.answer = meanwhile
    stage.engine.management.run_due()
    assert len(refused) == 1
    assert "being called" in str(refused[0])
    assert stage.task("u").id


KILLED = """
import os, signal, sys
from engine.operations import Input, Operation, Operations
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from datetime import datetime

def order(call, what):
    with open(sys.argv[2], "a") as notes:
        notes.write(call.key + "\\n")
    os.kill(os.getpid(), signal.SIGKILL)

operation = Operation("order", "Order", "Orders.", order, [Input("what", "text", "What.")])
now = datetime.fromisoformat(sys.argv[3])
engine = ProcessEngine(sys.argv[1], MarshmallowForms(), lambda: now, Operations([operation]))
engine.management.run_due()
"""


def test_when_a_process_is_killed_another_calls_again_with_the_same_key(
    stage: Stage, shop: Shop, tmp_path: Path
) -> None:
    deploy(stage, model())
    stage.start(title="x")
    notes = tmp_path / "notes"
    command = [sys.executable, "-c", KILLED, stage.url, str(notes), stage.clock.now.isoformat()]
    killed = subprocess.run(command, cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == -9
    assert stage.engine.management.run_due() == 0
    stage.clock.pass_by(seconds=31)
    assert stage.engine.management.run_due() == 1
    assert [call.key for call, _ in shop.calls] == notes.read_text().split()
    assert stage.task("u").id


def test_an_operation_that_is_not_installed_is_a_failure_that_says_so(database: str, stage: Stage) -> None:
    deploy(stage, model())
    stage.start(title="x")
    bare = Stage(database, stage.clock)
    try:
        bare.engine.management.run_due()
        assert "There is no operation 'order' here" in failure(bare).reason
    finally:
        bare.close()


def test_a_model_that_names_an_unknown_operation_is_not_published(stage: Stage) -> None:
    with pytest.raises(DefinitionRefused, match="no operation 'odrer'"):
        deploy(stage, model(properties={"operation": "odrer"}))


def test_an_operation_in_the_first_step_and_the_scheduler(stage: Stage, shop: Shop) -> None:
    called = threading.Event()
    right = shop.answer

    def answer() -> dict[str, Any]:
        called.set()
        return right()

    shop.answer = answer
    deploy(stage, model())
    scheduler = stage.engine.scheduler(cap_seconds=0.05)
    scheduler.start()
    try:
        stage.start(title="x")
        assert called.wait(20)
        deadline = time.monotonic() + 20
        while not stage.tasks(ANN) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        scheduler.stop()
    assert stage.task("u").id
    assert len(shop.calls) == 1
