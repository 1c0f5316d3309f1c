"""Cases that start one another come to an end, and say so; those that take their time go on; a person may go on."""

from functools import partial

import pytest

from engine.steps.chains import LONGEST
from engine.types import ENGINE
from tests.bpmn_models import (
    catch,
    end,
    flows,
    message,
    message_event,
    process,
    send_task,
    signal,
    signal_event,
    start,
    timer,
    user_task,
)
from tests.bpmn_models import throw as throws
from tests.engine.stage import ANN, OWEN, OWNER, STARTERS, Stage, at_once

AROUND = message("m", "ping") + message("k", "pong") + signal("n", "news")


def relay(key: str, takes: str, sends: str, *, after: str = "") -> bytes:
    """Return a process that a message starts and that sends one, `after` a duration."""
    wait = catch("w", timer("Duration", after)) if after else ""
    way = ("s", "w", "x", "e") if after else ("s", "x", "e")
    return process(
        key, start("s", message_event(takes)), wait, send_task("x", sends), end(), flows(*way), around=AROUND,
        properties=OWNER,
    )  # fmt: skip


def deploy_ping_pong(stage: Stage, after: str = "") -> None:
    files = {"p.bpmn": relay("p", "m", "k", after=after), "q.bpmn": relay("q", "k", "m", after=after)}
    stage.engine.repository.deploy(files, name="test", actor=ENGINE)


def run_out(stage: Stage) -> None:
    """Let all be done that is due."""
    for _ in range(100):
        if not stage.engine.management.run_due():
            return
    pytest.fail("it goes on for ever")


def begin(stage: Stage) -> None:
    stage.engine.runtime.send_message("ping", None, None, actor=ANN)


def test_two_processes_that_start_each_other_come_to_an_end_that_says_why(stage: Stage) -> None:
    deploy_ping_pong(stage)
    begin(stage)
    run_out(stage)
    assert stage.count("process_instance") == LONGEST + 1, "the first one was started by a person"
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert f"{LONGEST} cases have started one another in a row" in failed.reason
    assert (failed.attempts, failed.retry_at) == (1, None)
    assert failed.element_id == "s"
    for _ in range(5):
        stage.clock.pass_by(hours=5)
        run_out(stage)
    assert stage.count("process_instance") == LONGEST + 1
    assert [row.chain for row in stage.rows("SELECT chain FROM process_instance ORDER BY number")] == [
        *range(LONGEST + 1)
    ]


def test_a_signal_that_starts_who_throws_it_comes_to_an_end(stage: Stage) -> None:
    echo = process(
        "p", start("s", signal_event("n")), throws("t", signal_event("n")), end(), flows("s", "t", "e"), around=AROUND,
        properties=OWNER,
    )  # fmt: skip
    stage.engine.repository.deploy({"p.bpmn": echo}, name="test", actor=ENGINE)
    stage.engine.runtime.throw_signal("news", actor=ANN)
    run_out(stage)
    assert stage.count("process_instance") == LONGEST + 1
    assert len(stage.engine.management.failed_starts(OWEN)) == 1


def test_who_tries_the_start_again_by_hand_begins_to_count_anew(stage: Stage) -> None:
    deploy_ping_pong(stage)
    begin(stage)
    (failed,) = stage.engine.management.failed_starts(OWEN)
    stage.engine.management.retry_start(failed.id, actor=OWEN)
    run_out(stage)
    assert stage.count("process_instance") == 2 * (LONGEST + 1)
    assert len(stage.engine.management.failed_starts(OWEN)) == 1


def test_a_new_version_does_not_let_it_go_on(stage: Stage) -> None:
    deploy_ping_pong(stage)
    begin(stage)
    changed = {key: relay(key, "m" if key == "p" else "k", "k" if key == "p" else "m") for key in ("p", "q")}
    stage.engine.repository.deploy(
        {f"{key}.bpmn": content.replace(b'"x"', b'"send"') for key, content in changed.items()},
        name="test",
        actor=ENGINE,
    )
    run_out(stage)
    assert stage.count("process_instance") == LONGEST + 1


def test_cases_that_take_their_time_go_on(stage: Stage) -> None:
    deploy_ping_pong(stage, after="PT1H")
    begin(stage)
    for _ in range(LONGEST + 5):
        stage.clock.pass_by(hours=1)
        run_out(stage)
    assert stage.count("process_instance") == LONGEST + 6
    assert stage.engine.management.failed_starts(OWEN) == ()
    assert stage.value("SELECT max(chain) FROM process_instance") == 0


def test_one_that_is_tried_again_late_is_no_pause(stage: Stage) -> None:
    """What counts is when the message was sent, not when it came to be delivered."""
    deploy_ping_pong(stage)
    begin(stage)
    stage.clock.pass_by(days=1)
    run_out(stage)
    assert stage.count("process_instance") == LONGEST + 1


def test_many_cases_that_one_case_starts_are_no_chain(stage: Stage) -> None:
    sends = [send_task(f"x{number}", "m") for number in range(LONGEST + 5)]
    names = [f"x{number}" for number in range(LONGEST + 5)]
    files = {
        "o.bpmn": process(
            "o", start(), *sends, end(), flows("s", *names, "e"), around=AROUND, properties=OWNER, **STARTERS
        ),
        "p.bpmn": process(
            "p", start("s", message_event("m")), user_task("look", candidateGroups="analysts"), end(),
            flows("s", "look", "e"), around=AROUND, properties=OWNER,
        ),
    }  # fmt: skip
    stage.engine.repository.deploy(files, name="test", actor=ENGINE)
    stage.start("o")
    run_out(stage)
    assert len(stage.tasks()) == LONGEST + 5
    assert stage.value("SELECT max(chain) FROM process_instance") == 1


def test_the_bound_holds_however_many_work_at_once(stage: Stage) -> None:
    deploy_ping_pong(stage)
    others = [stage.another() for _ in range(3)]
    outcomes = at_once(
        partial(begin, stage), partial(begin, stage), *(partial(run_out, each) for each in (stage, *others))
    )
    assert [each.error for each in outcomes] == [None] * 6
    run_out(stage)
    assert stage.count("process_instance") == 2 * (LONGEST + 1)
    assert len(stage.engine.management.failed_starts(OWEN)) == 2
