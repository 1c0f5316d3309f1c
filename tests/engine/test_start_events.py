"""Cases that begin by themselves: by messages, signals and timers, each once, whoever is at work at the same time."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from engine.errors import DefinitionRefused, InputRefused, NotFound, NotPermitted, StepFailed
from engine.persistence import store
from engine.steps import chains
from engine.steps.inbox import MOST_FOLLOWING, Inbox
from engine.steps.starting import Starting
from engine.types import ENGINE, Json
from tests.bpmn_models import (
    end,
    flow,
    flows,
    message,
    message_event,
    process,
    receive_task,
    script,
    send_task,
    signal,
    signal_event,
    start,
    throw,
    timer,
    user_task,
)
from tests.engine.stage import ADA, ANN, MORNING, OLGA, OWEN, OWNER, STARTERS, Stage, at_once, form

AROUND = message("m", "order") + signal("n", "news")
GOT = {"resultVariable": "got"}
REQUIRED = {"type": "textfield", "key": "what", "label": "What", "validate": {"required": True}}


def begun_by(
    definition: str,
    key: str = "p",
    *,
    work: str = "",
    properties: dict[str, str] | None = None,
    zone: str | None = None,
) -> bytes:
    """A process that `definition` starts, that runs the script `work` and asks analysts to look."""
    steps = ("s", *(("w",) if work else ()), "look", "e")
    return process(
        key,
        start("s", definition, properties=properties),
        script("w", work) if work else "",
        user_task("look", "Look", candidateGroups="analysts"),
        end(),
        flows(*steps),
        around=AROUND,
        properties={**OWNER, **({"timeZone": zone} if zone else {})},
        **STARTERS,
    )


BY_MESSAGE = begun_by(message_event("m"), properties=GOT)


def data(stage: Stage, instance_id: str) -> Json:
    with stage.engine.database.read() as connection:
        row = store.load_case(connection, instance_id)
    assert row is not None
    return row.variables


def run_until(stage: Stage, **length: float) -> int:
    stage.clock.pass_by(**length)
    return stage.engine.management.run_due()


# --- messages ---------------------------------------------------------------------------------------------------------


def test_a_message_starts_a_case(stage: Stage) -> None:
    stage.deploy(p__bpmn=BY_MESSAGE)
    delivery = stage.engine.runtime.send_message("order", "7", {"n": 1}, actor=ENGINE)
    assert delivery.case is not None
    assert (delivery.state, delivery.started) == ("delivered", True)
    assert data(stage, delivery.case.id) == {"initiator": None, "got": {"n": 1}}
    case = stage.engine.history.case(delivery.case.id, ENGINE)
    assert case.started_by.id == ENGINE.user_id
    received = [e for e in stage.engine.history.timeline(case.id, ENGINE) if e.kind == "message.received"]
    assert [(e.interface, e.element_id, e.detail) for e in received] == [
        ("message:order", "s", {"message": delivery.message_id})
    ]
    assert stage.value("SELECT instance_id FROM inbox_message") == case.id
    assert stage.engine.management.run_due() == 0


def test_a_case_that_waits_takes_the_message_first(stage: Stage) -> None:
    both = process(
        "p",
        start("s", message_event("m")),
        user_task("look", candidateGroups="analysts"),
        receive_task("more", "m", {"correlationKey": "initiator = null", **GOT}),
        end(),
        flows("s", "look", "more", "e"),
        around=AROUND,
    ).replace(b"initiator = null", b"&quot;7&quot;")
    stage.deploy(p__bpmn=both)
    send = partial(stage.engine.runtime.send_message, "order", actor=ENGINE)
    first = send("7", {}).case
    stage.do("look")
    assert first is not None
    second = send("7", {"n": 2})
    assert (second.started, second.case.id if second.case else None) == (False, first.id)
    assert send("8", {}).started
    assert send("7", {}).started
    assert stage.count("process_instance") == 3


def test_what_does_not_fit_the_form_of_a_start_is_refused(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(message_event("m"), properties={**GOT, "form": "f"}), f__form=form("f", REQUIRED))
    with pytest.raises(InputRefused):
        stage.engine.runtime.send_message("order", None, {}, actor=ANN)
    assert stage.count("inbox_message") == 0
    assert stage.engine.runtime.send_message("order", None, {"what": "it"}, actor=ANN).started


def test_a_case_starts_another_one_by_a_message(stage: Stage) -> None:
    sender = process(
        "t", start(), send_task("x", "m", {"payload": "{n: 3}"}), end(), flows("s", "x", "e"), around=AROUND, **STARTERS
    )
    stage.deploy(p__bpmn=BY_MESSAGE, t__bpmn=sender)
    sent = stage.start("t", ANN).id
    task = stage.task("look")
    assert data(stage, task.case.id)["got"] == {"n": 3}
    assert stage.value("SELECT sender_id FROM inbox_message") == sent


def test_an_early_message_starts_a_case_of_a_process_deployed_later(stage: Stage) -> None:
    waits = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND)
    stage.deploy(q__bpmn=waits)
    assert stage.engine.runtime.send_message("order", None, {"n": 1}, actor=ANN).state == "waiting"
    stage.clock.pass_by(days=29)
    stage.deploy(p__bpmn=BY_MESSAGE)
    assert stage.engine.management.run_due() == 1
    assert stage.task("look").name


ELSEWHERE = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND)
"""It knows the message, so that one may come before there is a start event for it."""


def test_a_case_that_begins_to_wait_too_late_does_not_keep_a_message_from_its_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND, **STARTERS)
    stage.deploy(p__bpmn=BY_MESSAGE, q__bpmn=waits)
    with monkeypatch.context() as crashing:
        crashing.setattr(Inbox, "deliver", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stage.engine.runtime.send_message("order", None, {}, actor=ANN, time_to_live=timedelta(hours=1))
    stage.clock.pass_by(hours=2)
    stage.start("q", ANN)
    assert stage.engine.management.run_due() == 1
    assert stage.task("look").name
    assert stage.value("SELECT count(*) FROM process_instance WHERE definition_key = 'q' AND status = 'active'") == 1


def test_a_start_that_failed_is_tried_again_though_a_case_begins_to_wait_too_late(stage: Stage) -> None:
    waits = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND, **STARTERS)
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="x = 1 / 0"), q__bpmn=waits)
    stage.engine.runtime.send_message("order", None, {}, actor=ANN, time_to_live=timedelta(hours=1))
    stage.clock.pass_by(hours=2)
    stage.start("q", ANN)
    stage.engine.management.run_due()
    assert [each.attempts for each in stage.engine.management.failed_starts(OWEN)] == [2]
    assert stage.value("SELECT status FROM process_instance") == "active"


@pytest.mark.parametrize("kept", [timedelta(hours=1), timedelta()])
def test_a_message_that_is_too_old_starts_no_case_of_what_is_published_later(stage: Stage, kept: timedelta) -> None:
    stage.deploy(q__bpmn=ELSEWHERE)
    send = partial(stage.engine.runtime.send_message, "order", None, {}, actor=ANN)
    assert send(time_to_live=kept).state == "waiting"
    stage.clock.pass_by(hours=1, seconds=1)
    stage.deploy(p__bpmn=BY_MESSAGE)
    # No scheduler has been there in between, and the new version leaves it as old as it is.
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="x = 1", properties=GOT))
    assert stage.engine.management.run_due() == 0
    assert stage.count("process_instance") == 0
    assert stage.value("SELECT state FROM inbox_message") == "expired"
    assert send(time_to_live=timedelta()).started


@pytest.mark.parametrize("crash", [True, False])
def test_a_message_that_came_in_time_starts_a_case_however_late(
    stage: Stage, crash: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the program was killed or the start failed; whatever the start event is called in the next version."""
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="ratio = 1 / got['n']", properties=GOT))
    send = partial(stage.engine.runtime.send_message, "order", None, {"n": 0}, actor=ANN, time_to_live=timedelta())
    with monkeypatch.context() as crashing:
        if crash:
            crashing.setattr("engine.steps.inbox.Inbox.deliver", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                send()
        else:
            assert send().state == "failed"
    stage.clock.pass_by(days=40)
    renamed = BY_MESSAGE.replace(b'id="s"', b'id="t"').replace(b'sourceRef="s"', b'sourceRef="t"')
    stage.deploy(p__bpmn=renamed)
    stage.clock.pass_by(days=1)
    assert stage.engine.management.run_due() == 1
    assert stage.value("SELECT state FROM inbox_message") == "delivered"


def test_a_failed_start_whose_start_event_was_away_for_too_long_expires(stage: Stage) -> None:
    stage.deploy(q__bpmn=ELSEWHERE)
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="x = 1 / 0", properties=GOT))
    assert stage.engine.runtime.send_message("order", None, {}, actor=ANN).state == "failed"
    stage.deploy(p__bpmn=begun_by(signal_event("n")))
    stage.clock.pass_by(days=31)
    stage.deploy(p__bpmn=BY_MESSAGE)
    assert stage.engine.management.run_due() == 0
    assert stage.count("process_instance") == 0
    assert stage.value("SELECT state FROM inbox_message") == "expired"


def test_publishing_and_the_scheduler_at_once_start_nothing_with_what_is_too_old(stage: Stage) -> None:
    stage.deploy(q__bpmn=ELSEWHERE)
    for _ in range(4):
        stage.engine.runtime.send_message("order", None, {}, actor=ANN, time_to_live=timedelta(hours=1))
    stage.clock.pass_by(hours=2)
    other = stage.another()
    run = (stage.engine.management.run_due, other.engine.management.run_due)
    outcomes = at_once(*run, partial(stage.deploy, p__bpmn=BY_MESSAGE))
    assert [each.error for each in outcomes] == [None] * 3
    stage.engine.management.run_due()
    assert stage.count("process_instance") == 0
    assert stage.rows("SELECT DISTINCT state FROM inbox_message") == [("expired",)]


def test_a_message_is_kept_as_long_as_it_lives(stage: Stage) -> None:
    waits = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND)
    stage.deploy(q__bpmn=waits)
    send = partial(stage.engine.runtime.send_message, "order", None, {}, actor=ANN)
    assert send(time_to_live=timedelta(hours=1)).expires_at == MORNING + timedelta(hours=1)
    assert send().expires_at == MORNING + timedelta(days=30)
    run_until(stage, hours=1)
    assert stage.value("SELECT count(*) FROM inbox_message WHERE state = 'expired'") == 1
    for wrong in (timedelta(seconds=-1), timedelta(days=9999)):
        with pytest.raises(InputRefused):
            send(time_to_live=wrong)


def test_several_deliveries_of_one_message_at_once_start_one_case(stage: Stage) -> None:
    stage.deploy(q__bpmn=process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND))
    for _ in range(4):
        stage.engine.runtime.send_message("order", None, {}, actor=ANN)
    stage.deploy(p__bpmn=BY_MESSAGE)
    other = stage.another()
    outcomes = at_once(*(each.engine.management.run_due for each in (stage, other, stage, other)))
    assert [each.error for each in outcomes] == [None] * 4
    assert sum(each.result for each in outcomes) == 4
    assert stage.count("process_instance") == 4
    assert stage.value("SELECT count(DISTINCT instance_id) FROM inbox_message WHERE state = 'delivered'") == 4


def test_a_case_that_begins_to_wait_at_the_same_moment_costs_no_message(stage: Stage) -> None:
    waits = process("q", start(), receive_task("r", "m"), end(), flows("s", "r", "e"), around=AROUND, **STARTERS)
    stage.deploy(p__bpmn=BY_MESSAGE, q__bpmn=waits)
    send = partial(stage.engine.runtime.send_message, "order", None, {}, actor=ANN)
    outcomes = at_once(send, lambda: stage.start("q", ANN), send)
    assert [each.error for each in outcomes] == [None] * 3
    stage.engine.management.run_due()
    started = stage.value("SELECT count(*) FROM process_instance WHERE definition_key = 'p'")
    received = stage.value("SELECT count(*) FROM process_instance WHERE status = 'completed'")
    assert started + received == 2
    assert stage.value("SELECT count(*) FROM inbox_message WHERE state = 'delivered'") == 2


def test_a_start_that_fails_leaves_the_message_and_is_tried_again(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="ratio = 1 / got['n']", properties=GOT))
    delivery = stage.engine.runtime.send_message("order", None, {"n": 0}, actor=ANN)
    assert (delivery.state, delivery.started, delivery.case) == ("failed", True, None)
    assert stage.count("process_instance") == 0
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert (failed.kind, failed.process_key, failed.name, failed.element_id) == ("message", "p", "order", "s")
    assert "division by zero" in failed.reason or "ZeroDivision" in failed.reason
    assert "case" not in failed.reason, "there is none yet"
    assert (failed.attempts, failed.retry_at, failed.may_retry) == (1, MORNING + timedelta(minutes=1), True)
    assert stage.engine.management.next_due() == MORNING + timedelta(minutes=1)
    for length in (1, 10, 60):
        run_until(stage, minutes=length)
    (failed,) = stage.engine.management.failed_starts(ADA)
    assert (failed.attempts, failed.retry_at, failed.may_retry) == (4, None, False)
    assert stage.engine.management.failed_starts(ANN) == ()
    run_until(stage, days=40)
    assert stage.engine.management.failed_starts(OWEN)


def _counted_tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the kind of every start that is tried from now on."""
    tries: list[str] = []
    real = Starting._tried

    def counted(self: Starting, start: Any, *rest: Any) -> Any:
        tries.append(start.kind)
        return real(self, start, *rest)

    monkeypatch.setattr(Starting, "_tried", counted)
    return tries


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_starts_that_fail_again_and_again_are_tried_four_times_a_version(
    stage: Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = _counted_tries(monkeypatch)
    definition = message_event("m") if kind == "message" else signal_event("n")
    for version in (1, 2):
        stage.deploy(p__bpmn=begun_by(definition, work=f"x = {version} / 0"))
        for _ in range(5 if version == 1 else 0):
            if kind == "message":
                stage.engine.runtime.send_message("order", None, {}, actor=ANN)
            else:
                stage.engine.runtime.throw_signal("news", actor=ANN)
        for minutes in (0, 1, 10, 60, 60 * 24 * 40):
            run_until(stage, minutes=minutes)
        assert len(tries) == 5 * 4 * version
        assert stage.engine.management.next_due() is None
    assert [each.attempts for each in stage.engine.management.failed_starts(OWEN)] == [4] * 5
    left = {table: stage.count(table) for table in ("inbox_message", "process_instance", "job", "activity_event")}
    assert left == {"inbox_message": 5, "process_instance": 0, "job": 0, "activity_event": 0}


def test_a_repeating_timer_that_fails_is_tried_once_for_each_time_after_four_tries(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = _counted_tries(monkeypatch)
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/PT1H"), work="x = 1 / 0"))
    for _ in range(48 * 6):
        run_until(stage, minutes=10)
    assert 45 <= len(tries) <= 48 + 4
    assert len(stage.engine.management.failed_starts(OWEN)) == stage.count("start_event") == 1
    assert stage.count("process_instance") + stage.count("inbox_message") + stage.count("job") == 0


def test_a_failed_start_is_retried_by_an_owner_and_by_a_new_version(stage: Stage) -> None:
    broken = begun_by(message_event("m"), work="ratio = 1 / got['n']", properties=GOT)
    stage.deploy(p__bpmn=broken)
    for _ in range(2):
        stage.engine.runtime.send_message("order", None, {"n": 0}, actor=ANN)
    one, two = stage.engine.management.failed_starts(OWEN)
    with pytest.raises(StepFailed):
        stage.engine.management.retry_start(one.id, actor=OWEN)
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="ratio = got['n']", properties=GOT))
    for nobody in (ANN, ADA):
        with pytest.raises((NotFound, NotPermitted)):
            stage.engine.management.retry_start(two.id, actor=nobody)
    assert stage.engine.management.retry_start(two.id, actor=OWEN).status == "active"
    with pytest.raises(NotFound):
        stage.engine.management.retry_start(two.id, actor=OWEN)
    assert stage.engine.management.run_due() == 1
    assert stage.engine.management.failed_starts(OWEN) == ()
    assert len(stage.tasks()) == 2


def test_a_message_that_could_not_start_a_case_may_fail_in_one_that_waits_and_is_tried_as_such(stage: Stage) -> None:
    steps = (receive_task("r", "m"), script("w", "x = 1 / 0"))
    waits = process("q", start(), *steps, end(), flows("s", "r", "w", "e"), around=AROUND, properties=OWNER, **STARTERS)
    stage.deploy(p__bpmn=begun_by(message_event("m"), work="x = 1 / 0"), q__bpmn=waits)
    stage.engine.runtime.send_message("order", None, {}, actor=ANN)
    case = stage.start("q", ANN)
    run_until(stage, minutes=1)
    for _ in range(3):
        stage.engine.management.run_due()
    assert stage.engine.management.failed_starts(OWEN) == ()
    (failure,) = stage.engine.management.failures(OWEN).rows
    assert (failure.case.id, failure.kind, failure.attempts) == (case.id, "message", 1)
    assert failure.retry_at == stage.clock.now + timedelta(minutes=1)


def test_a_message_starts_cases_of_one_process_only(stage: Stage) -> None:
    stage.deploy(p__bpmn=BY_MESSAGE)
    with pytest.raises(DefinitionRefused, match="starts cases of 'p'"):
        stage.deploy(q__bpmn=begun_by(message_event("m"), "q"))
    with pytest.raises(DefinitionRefused, match="starts cases of"):
        stage.deploy(x__bpmn=begun_by(message_event("m"), "x"), y__bpmn=begun_by(message_event("m"), "y"))
    # The name moves to another process when both are deployed together.
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D")), q__bpmn=begun_by(message_event("m"), "q"))
    assert stage.rows("SELECT definition_key FROM start_event WHERE kind = 'message'") == [("q",)]


def test_two_deployments_that_claim_a_message_at_once(stage: Stage) -> None:
    deploy = [
        partial(stage.deploy, ENGINE, **{f"{key}__bpmn": begun_by(message_event("m"), key)}) for key in ("x", "y", "z")
    ]
    outcomes = at_once(*deploy)
    assert sum(each.error is None for each in outcomes) == 1
    assert all(isinstance(each.error, DefinitionRefused) for each in outcomes if each.error)
    assert stage.count("start_event") == 1


# --- signals ----------------------------------------------------------------------------------------------------------


def test_a_signal_starts_a_case_of_every_process_that_begins_with_it(stage: Stage) -> None:
    thrower = process("t", start(), throw("x", signal_event("n"), {"payload": "{n: 1}"}), end(), flows("s", "x", "e"))
    thrower = thrower.replace(b"<bpmn:process", AROUND.encode() + b"<bpmn:process", 1).replace(
        b'isExecutable="true"', b'isExecutable="true" camunda:candidateStarterGroups="staff"'
    )
    stage.deploy(
        p__bpmn=begun_by(signal_event("n"), properties=GOT),
        q__bpmn=begun_by(signal_event("n"), "q", properties=GOT),
        t__bpmn=thrower,
    )
    stage.start("t", ANN)
    assert stage.tasks() == ()
    other = stage.another()
    at_once(*(each.engine.management.run_due for each in (stage, other, stage)))
    found = stage.tasks()
    assert len({task.case.id for task in found}) == 2
    assert [data(stage, task.case.id)["got"] for task in found] == [{"n": 1}] * 2
    assert stage.engine.management.run_due() == 0


def test_a_signal_on_its_way_to_a_start_is_no_message_and_does_not_expire(stage: Stage) -> None:
    waits = process(
        "q",
        start(),
        receive_task("r", "k"),
        end(),
        flows("s", "r", "e"),
        around=message("k", "news"),
        **STARTERS,
    )
    stage.deploy(p__bpmn=begun_by(signal_event("n")), q__bpmn=waits)
    assert stage.engine.runtime.throw_signal("news", actor=ANN).starts == 1
    case = stage.start("q", ANN)
    assert stage.engine.history.case(case.id, ENGINE).status == "active"
    run_until(stage, days=40)
    assert stage.task("look").name
    assert stage.engine.history.case(case.id, ENGINE).status == "active"


def test_a_signal_whose_start_event_is_gone_is_dropped(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(signal_event("n")))
    stage.engine.runtime.throw_signal("news", actor=ANN)
    stage.deploy(p__bpmn=begun_by(message_event("m")))
    assert stage.engine.management.run_due() == 0
    assert stage.value("SELECT state FROM inbox_message") == "expired"
    assert stage.count("process_instance") == 0


# --- timers -----------------------------------------------------------------------------------------------------------


def test_a_timer_starts_cases_again_and_again(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R3/PT1H")))
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=1)
    assert run_until(stage, minutes=59) == 0
    assert run_until(stage, minutes=1) == 1
    assert stage.engine.management.run_due() == 0
    assert [run_until(stage, hours=1) for _ in range(4)] == [1, 1, 0, 0]
    assert stage.engine.management.next_due() is None
    case = stage.tasks()[0].case.id
    assert data(stage, case) == {"initiator": None}
    assert stage.engine.history.case(case, ENGINE).started_by.id == ENGINE.user_id


@pytest.mark.parametrize(
    ("definition", "hours"), [(timer("Duration", "PT2H"), 2), (timer("Date", "2026-03-02T13:00:00Z"), 5)]
)
def test_a_duration_or_date_starts_one_case(stage: Stage, definition: str, hours: int) -> None:
    stage.deploy(p__bpmn=begun_by(definition))
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=hours)
    assert run_until(stage, hours=hours) == 1
    stage.deploy(p__bpmn=begun_by(definition, work="x = 1"))
    assert run_until(stage, days=10) == 0


def test_a_cron_text_goes_by_the_time_zone_of_the_process(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "0 0 9 * * MON-FRI"), zone="Europe/Vienna"))
    assert stage.engine.management.next_due() == datetime(2026, 3, 3, 8, tzinfo=UTC)
    run_until(stage, days=28)  # over the change of the clock
    assert stage.engine.management.next_due() == datetime(2026, 3, 31, 7, tzinfo=UTC)


def test_a_timer_whose_next_time_is_beyond_the_calendar_starts_its_last_case(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P5000Y")))
    stage.clock.now = datetime(7026, 3, 2, 8, tzinfo=UTC)
    assert [stage.engine.management.run_due() for _ in range(2)] == [1, 0]
    assert stage.engine.management.next_due() is None
    assert stage.engine.management.failed_starts(OWEN) == ()


@pytest.mark.parametrize("text", ["P9999Y", "P7990Y"])
def test_a_timer_that_never_comes_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(DefinitionRefused, match="timer-text"):
        stage.deploy(p__bpmn=begun_by(timer("Duration", text)))


def test_times_that_went_by_while_nothing_ran_are_one(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R5/PT1H")))
    assert run_until(stage, hours=3, minutes=30) == 1
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=4)
    assert [run_until(stage, hours=1) for _ in range(3)] == [1, 1, 0]


def test_many_schedulers_start_one_case_for_each_time(stage: Stage) -> None:
    for key in ("a", "b", "c"):
        stage.deploy(ENGINE, **{f"{key}__bpmn": begun_by(timer("Cycle", "R/PT1H"), key)})
    others = [stage, stage.another(), stage.another()]
    for round_ in range(1, 3):
        stage.clock.pass_by(hours=1)
        outcomes = at_once(*(each.engine.management.run_due for each in (*others, *others)))
        assert [each.error for each in outcomes] == [None] * 6
        assert stage.count("process_instance") == 3 * round_
    counts = stage.rows("SELECT count(*) FROM process_instance GROUP BY definition_key")
    assert [row[0] for row in counts] == [2, 2, 2]


def test_a_new_version_goes_on_with_a_timer_that_is_as_it_was(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D")))
    stage.clock.pass_by(hours=20)
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D"), work="x = 1"))
    assert stage.engine.management.next_due() == MORNING + timedelta(days=1)
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P2D"), work="x = 1"))
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=20, days=2)
    assert stage.count("start_event") == 1
    run_until(stage, days=2)
    assert (
        stage.value("SELECT version FROM process_definition d JOIN process_instance i ON i.definition_id = d.id") == 3
    )


def test_a_deployment_and_the_scheduler_at_once_start_one_case(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D")))
    stage.clock.pass_by(days=1)
    newer = begun_by(timer("Cycle", "R/P1D"), work="x = 1")
    outcomes = at_once(stage.engine.management.run_due, partial(stage.deploy, p__bpmn=newer))
    assert [each.error for each in outcomes] == [None, None]
    stage.engine.management.run_due()
    assert stage.count("process_instance") == 1
    assert stage.engine.management.next_due() == MORNING + timedelta(days=2)


def test_a_timer_whose_start_fails_waits_longer_and_longer(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Duration", "PT1H"), work="x = 1 / 0"))
    assert run_until(stage, hours=1) == 0
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert (failed.kind, failed.attempts, failed.retry_at) == ("timer", 1, stage.clock.now + timedelta(minutes=1))
    with pytest.raises(StepFailed):
        stage.engine.management.retry_start(failed.id, actor=OWEN)
    for length in (10, 60):
        run_until(stage, minutes=length)
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert (failed.attempts, failed.retry_at) == (4, None)
    run_until(stage, days=1)
    assert stage.engine.management.failed_starts(OWEN)[0].attempts == 4
    stage.deploy(p__bpmn=begun_by(timer("Duration", "PT1H"), work="x = 1"))
    assert stage.engine.management.run_due() == 1
    assert stage.engine.management.failed_starts(OWEN) == ()


def test_a_repeating_timer_whose_start_fails_comes_again(stage: Stage) -> None:
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D"), work="x = 1 / 0"))
    for length in (24 * 60, 1, 10, 60):
        run_until(stage, minutes=length)
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert failed.retry_at == MORNING + timedelta(days=2)
    stage.deploy(p__bpmn=begun_by(timer("Cycle", "R/P1D"), work="x = 1"))
    assert stage.engine.management.run_due() == 1
    assert stage.engine.management.next_due() == MORNING + timedelta(days=2)


def test_who_starts_by_hand_needs_a_plain_start_event(stage: Stage) -> None:
    stage.deploy(p__bpmn=BY_MESSAGE)
    assert stage.engine.repository.startable(OLGA) == []
    both = process(
        "p",
        start(),
        start("m1", message_event("m")),
        user_task("look", candidateGroups="analysts"),
        end(),
        flows("s", "look", "e"),
        flow("m1", "look"),
        around=AROUND,
        **STARTERS,
    )
    stage.deploy(p__bpmn=both)
    assert [each.key for each in stage.engine.repository.startable(OLGA)] == ["p"]
    stage.start()
    assert stage.engine.runtime.send_message("order", None, {}, actor=ANN).started
    assert len(stage.tasks()) == 2


@pytest.mark.parametrize("definition", [message_event("m"), signal_event("n")], ids=["message", "signal"])
def test_a_process_that_starts_itself_holds_up_nobody(
    stage: Stage, definition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its cases begins the next one: people and timers have their turn all the same."""
    monkeypatch.setattr(chains, "LONGEST", 100 * MOST_FOLLOWING)
    content = process(
        "p", start("s", definition), end("e", "", definition), flow("s", "e"), around=AROUND, properties=OWNER
    )
    timed = begun_by(timer("Duration", "PT1H"), "q")
    stage.engine.repository.deploy({"p.bpmn": content, "q.bpmn": timed}, name="test", actor=ENGINE)
    if definition == message_event("m"):
        stage.engine.runtime.send_message("order", None, None, actor=ANN)
        assert stage.count("process_instance") <= MOST_FOLLOWING + 1, "it is answered soon"
    else:
        stage.engine.runtime.throw_signal("news", actor=ANN)
    run_until(stage, hours=1)
    assert [row.element_id for row in stage.tasks()] == ["look"]
    assert stage.count("process_instance") <= 3 * MOST_FOLLOWING


@pytest.mark.parametrize("definition", [message_event("m"), signal_event("n"), timer("Duration", "P1D")])
def test_a_process_that_only_events_start_has_figures(stage: Stage, definition: str) -> None:
    stage.deploy(p__bpmn=begun_by(definition))
    assert [each.key for each in stage.engine.performance.processes(OWEN)] == ["p"]
