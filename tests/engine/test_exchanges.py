"""Cases that answer each other come to an end, and say so; a person, a timer or something outside begins anew."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from engine.steps import exchanges
from engine.types import ENGINE
from engine.views import FailureRow
from tests.bpmn_models import (
    catch,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
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
from tests.engine.stage import ANN, MORNING, OWEN, OWNER, STARTERS, Stage, at_once
from tests.engine.test_chains import run_out

AROUND = message("k", "ping") + message("l", "pong") + signal("m", "high") + signal("n", "low")
MOST = 40


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller bound, for tests that are to end soon."""
    monkeypatch.setattr(exchanges, "LONGEST", MOST)


def answering(key: str, takes: str, *says: str, waits: str = "", begins: str = "") -> bytes:
    """Return a process that goes round for ever: it `takes` an event (or does `waits` first) and says another.

    With `begins` it says this first.
    """
    first = (begins, flows("s", "b", "g")) if begins else ("", flow("s", "g"))
    way = ("g", *(("w",) if waits else ()), "c", "t", "o", "g")
    return process(
        key, start(), *first, gateway("g"), waits, catch("c", takes), *says, flows(*way),
        gateway("o", default="o_g"), flow("o", "e", "1 = 2"), end(), around=AROUND,
        properties=OWNER, **STARTERS,
    )  # fmt: skip


def deploy(stage: Stage, **files: bytes) -> None:
    named = {f"{key}.bpmn": content for key, content in files.items()}
    stage.engine.repository.deploy(named, name="test", actor=ENGINE)


def by_messages(stage: Stage, waits: str = "") -> None:
    deploy(
        stage,
        p=answering("p", message_event("k"), send_task("t", "l"), waits=waits),
        q=answering("q", message_event("l"), send_task("t", "k"), begins=send_task("b", "k")),
    )


def by_signals(stage: Stage) -> None:
    deploy(
        stage,
        p=answering("p", signal_event("m"), throws("t", signal_event("n"))),
        q=answering("q", signal_event("n"), throws("t", signal_event("m")), begins=throws("b", signal_event("m"))),
    )


def steps(stage: Stage) -> int:
    """Return how many steps all cases have taken, the first ones left out."""
    found: int = stage.value("SELECT sum(revision) - count(*) FROM process_instance")
    return found


def failures(stage: Stage) -> tuple[FailureRow, ...]:
    return stage.engine.management.failures(OWEN).rows


@pytest.mark.parametrize("deployed", [by_messages, by_signals])
def test_two_cases_that_answer_each_other_come_to_an_end_that_says_why(
    stage: Stage, deployed: Callable[[Stage], None]
) -> None:
    deployed(stage)
    stage.start("p")
    stage.start("q")
    run_out(stage)
    assert steps(stage) == MOST
    (failed,) = failures(stage)
    assert f"{MOST} steps have followed one another by messages and signals of cases" in failed.reason
    assert failed.element_id == "c"
    for _ in range(5):
        stage.clock.pass_by(hours=5)
        run_out(stage)
    assert steps(stage) == MOST, "trying again by itself changes nothing"


@pytest.mark.parametrize("deployed", [by_messages, by_signals])
def test_who_tries_again_by_hand_begins_to_count_anew(stage: Stage, deployed: Callable[[Stage], None]) -> None:
    deployed(stage)
    stage.start("p")
    stage.start("q")
    run_out(stage)
    (failed,) = failures(stage)
    stage.engine.management.retry(failed.id, actor=OWEN)
    run_out(stage)
    assert steps(stage) == 2 * MOST + 1
    assert len(failures(stage)) == 1


def test_one_that_goes_round_with_cases_that_it_starts_comes_to_an_end(stage: Stage) -> None:
    """Each of them is the first after the same case: as a row they have no end."""
    helper = process(
        "h", start("s", message_event("l")), send_task("x", "k"), end(), flows("s", "x", "e"), around=AROUND,
        properties=OWNER,
    )  # fmt: skip
    asks = answering("p", message_event("k"), send_task("t", "l"), begins=send_task("b", "l"))
    deploy(stage, p=asks, h=helper)
    stage.start("p")
    run_out(stage)
    assert stage.count("process_instance") == 1 + MOST / 2
    assert steps(stage) == MOST / 2
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert f"{MOST} steps have followed" in failed.reason
    assert (failed.attempts, failed.retry_at) == (1, None)
    stage.engine.management.retry_start(failed.id, actor=OWEN)
    run_out(stage)
    assert stage.count("process_instance") == 2 + MOST, "the count has begun anew"


def test_a_listener_that_stays_comes_to_an_end(stage: Stage) -> None:
    """What takes the messages has begun to wait long ago, and never begins anew."""
    for key, takes, says in (("p", "k", "l"), ("q", "l", "k")):
        answer = event_sub_process(
            "h", message_event(takes), send_task("x", says), end("he"), flows("h_start", "x", "he"), interrupting=False
        )
        content = process(
            key, start(), answer, user_task("look", candidateGroups="analysts"), end(), flows("s", "look", "e"),
            around=AROUND, properties=OWNER, **STARTERS,
        )  # fmt: skip
        deploy(stage, **{key: content})
        stage.start(key)
    stage.engine.runtime.send_message("ping", None, None, actor=ANN)
    run_out(stage)
    assert steps(stage) == 1 + MOST, "the first one was set off from outside"
    assert len(failures(stage)) == 1


@pytest.mark.parametrize("waits", [catch("w", timer("Duration", "PT1M")), user_task("w", candidateGroups="analysts")])
def test_cases_that_wait_in_between_go_on(stage: Stage, waits: str) -> None:
    """Also when the message has come before the time, or the person: it waits for them, not they for it."""
    by_messages(stage, waits)
    stage.start("p")
    stage.start("q")
    for _ in range(MOST):
        stage.clock.pass_by(minutes=1)
        if waits.startswith("<bpmn:userTask"):
            stage.do("w")
        run_out(stage)
    assert steps(stage) == 3 * MOST, "a time or a person, the answer, and the answer to this one"
    assert failures(stage) == ()


def test_messages_from_outside_are_counted_for_nobody(stage: Stage) -> None:
    deploy(stage, p=answering("p", message_event("k"), send_task("t", "l")))
    stage.start("p")
    for _ in range(MOST + 5):
        stage.clock.pass_by(seconds=1)
        stage.engine.runtime.send_message("ping", None, None, actor=ANN)
    assert stage.value("SELECT max(hops) FROM inbox_message") == 1
    assert stage.value("SELECT roused_at FROM process_instance") is not None
    assert failures(stage) == ()


@pytest.mark.parametrize(
    ("said", "by", "roused", "found"),
    [
        (0, None, 0, None),
        (0, None, 9, None),
        (7, "owen", 0, None),
        (7, None, 0, 7),
        (7, None, 5, 7),
        (7, None, 6, 0),
        (7, None, None, 7),
    ],
)
def test_what_begins_anew(said: int, by: str | None, roused: int | None, found: int | None) -> None:
    sent, at = MORNING + timedelta(hours=5), None if roused is None else MORNING + timedelta(hours=roused)
    assert exchanges.hops(said, by, sent_at=sent, roused_at=at) == found


def test_many_at_once_keep_the_bound(stage: Stage) -> None:
    """Every message says how many steps led to it, whoever delivers it."""
    by_messages(stage)
    others = [stage.another() for _ in range(3)]
    stage.start("p")
    outcomes = at_once(partial(stage.start, "q"), *(partial(run_out, each) for each in others))
    assert [each.error for each in outcomes] == [None] * 4
    run_out(stage)
    assert steps(stage) == MOST
    assert len(failures(stage)) == 1
