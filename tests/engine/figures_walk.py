"""Owns a model with all that figures look at, a random walk of cases through it, and a count of their log by hand.

The count shares no code with the engine: it looks at each stretch of time and at each task by itself.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from engine import managed
from engine.errors import ComityError
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
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
    start,
    timer,
    user_task,
)
from tests.engine.stage import ANN, BEN, CARL, OWEN, OWNER, STARTERS, Stage, form

Log = Sequence[Mapping[str, Any]]

PROCESS = ManagedProcess(
    "walk",
    "Walk",
    owner_group="owners",
    cases=("p",),
    send_backs=("again",),
    feedback="How was it?",
    measures=(
        OwnMeasure("drafts", "Drafts", "count", of=EventPattern(element="draft")),
        OwnMeasure(
            "check_time",
            "Time of checks",
            "duration",
            since=EventPattern("activity.started", "one"),
            until=EventPattern(element="two"),
        ),
        OwnMeasure("rounds", "Rounds", "field", field="rounds"),
    ),
)


def deploy(stage: Stage, **properties: str) -> None:
    """Deploy the model: a draft that goes back, a check by two groups, a rest; the draft may expire."""
    facts = {"candidateGroups": "analysts,clerks", "formRef": "f"}
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="begin"),
            script("count", "rounds = 0"),
            user_task("draft", "Draft", properties={"outcome": "verdict"}, **facts),
            script("add", "rounds = rounds + 1"),
            gateway("which", default="which_wait"),
            gateway("split", "parallel"),
            user_task("one", "One", candidateGroups="analysts"),
            user_task("two", "Two", candidateUsers="carl,ann"),
            gateway("join", "parallel"),
            catch("wait", timer("Duration", "PT3H")),
            boundary("late", "draft", timer("Duration", "PT9H")),
            user_task("remind", "Remind", assignee="ben"),
            end("e", "Done"),
            end("e2", "Expired"),
            flows("s", "count", "draft", "add", "which"),
            flow("which", "draft", 'verdict = "again"'),
            flow("which", "split", 'verdict = "check"'),
            flows("which", "wait", "e"),
            flows("split", "one", "join", "e"),
            flows("split", "two", "join"),
            flows("late", "remind", "e2"),
            properties={**OWNER, "priority": "size", "organisation": '"acme"', "services": "services", **properties},
            **STARTERS,
        ),
        f__form=form("f", "verdict"),
        begin__form=form("begin", {"type": "number", "key": "size", "label": "Size"}, "services"),
    )
    with stage.engine.database.write() as connection:
        managed.store(connection, [PROCESS], stage.clock())


def walk(stage: Stage, seed: int, steps: int = 90) -> None:
    """Let people start cases, take tasks, give them back, complete them, and let time pass; all in an order of `seed`.

    What is refused (a task that somebody else has) is refused, as in life.
    """
    dice = random.Random(seed)  # noqa: S311 - a test is to be repeated
    for _ in range(steps):
        stage.clock.pass_by(minutes=dice.choice((0, 1, 7, 45, 400)))
        _act(stage, dice)
        stage.engine.management.run_due()
    for case in stage.engine.history.cases(ENGINE, limit=200).rows:
        if case.status == "active" and dice.random() < 0.7:
            stage.clock.pass_by(minutes=dice.randrange(300))
            stage.engine.runtime.cancel(case.id, "Over", actor=OWEN)


def _act(stage: Stage, dice: random.Random) -> None:
    what = dice.choice(("start", "claim", "claim", "release", "assign", "complete", "complete", "complete", "cancel"))
    person = dice.choice((ANN, BEN, CARL))
    tasks = sorted(stage.tasks(person), key=lambda task: (task.case.number, task.element_id))
    cases = [case for case in stage.engine.history.cases(ENGINE, limit=200).rows if case.status == "active"]
    if what == "start" or not cases:
        stage.start(size=dice.randrange(100), services=dice.choice((None, "S-1", "S-2")))
    elif what == "cancel" and dice.random() < 0.3:
        stage.engine.runtime.cancel(dice.choice(cases).id, "Not needed", actor=OWEN)
    elif tasks:
        task, tasks_of = dice.choice(tasks), stage.engine.tasks
        try:
            if what == "claim":
                tasks_of.claim(task.id, actor=person)
            elif what == "release":
                tasks_of.release(task.id, actor=person)
            elif what == "assign":
                tasks_of.assign(task.id, dice.choice(("ann", "ben", "carl")), actor=OWEN)
            elif what == "complete":
                verdict = {"verdict": dice.choice(("again", "check", "wait"))} if task.element_id == "draft" else {}
                minutes = dice.choice((None, None, 0, 15))
                tasks_of.complete(task.id, verdict, actor=person, effort_minutes=minutes)
        except ComityError:
            return


# --- the count by hand ------------------------------------------------------------------------------------------------


def logs(stage: Stage) -> dict[str, Log]:
    """Return the exported events of each ended case, by its number."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in stage.engine.history.export_log(ENGINE):
        event = dict(zip(row.columns, row.values, strict=True))
        event["at"] = datetime.fromisoformat(event["at"])
        found[event["case"]].append(event)
    return {number: log for number, log in found.items() if any(each["kind"].startswith("case.c") for each in log)}


def counted_by_hand(log: Log) -> dict[str, Any]:
    """Return the columns of `case_summary` that a log tells."""
    end = next(each for each in log if each["kind"] in ("case.completed", "case.cancelled"))
    own = log[: log.index(end) + 1]
    done = [each for each in own if each["kind"] == "activity.completed" and each["element_kind"] == "userTask"]
    efforts = [each["effort_minutes"] for each in own if each["effort_minutes"] is not None]
    repeats = len({each["task_id"] for each in own if each["rework"]})
    send_backs = sum(each["outcome"] == "again" for each in done)
    times = {"working": 0.0, "waiting": 0.0, "idle": 0.0}
    for before, after in pairwise(sorted({each["at"] for each in own})):
        times[_state(own, before)] += (after - before).total_seconds()
    scores = [each["detail"]["score"] for each in log if each["kind"] == "feedback.given"]
    return {
        "definition_version": end["definition_version"],
        "started_at": own[0]["at"],
        "ended_at": end["at"],
        "status": end["kind"].removeprefix("case."),
        "outcome": end["outcome"],
        "cycle_seconds": (end["at"] - own[0]["at"]).total_seconds(),
        **{f"{name}_seconds": seconds for name, seconds in times.items()},
        "effort_minutes": sum(efforts) if efforts else None,
        "hand_overs": sum(one["actor"] != other["actor"] for one, other in pairwise(done)),
        "failures": 0,
        "repeats": repeats,
        "send_backs": send_backs,
        "first_time_right": end["kind"] == "case.completed" and repeats == 0 and send_backs == 0,
        "feedback": scores[-1] if scores else None,
    }


def _state(log: Log, moment: datetime) -> str:
    """Return what a case does right after `moment`."""
    states = []
    for task in {each["task_id"] for each in log if each["kind"] == "activity.started"}:
        own = [each for each in log if each["task_id"] == task and each["at"] <= moment]
        if own and own[0]["element_kind"] == "userTask" and own[-1]["kind"] not in _OVER:
            has = [each["detail"]["to"] for each in own if each["kind"].startswith("task.") and "to" in each["detail"]]
            states.append("working" if has and has[-1] is not None else "waiting")
    return "working" if "working" in states else "waiting" if states else "idle"


_OVER = ("activity.completed", "activity.cancelled")


def labels_by_hand(log: Log) -> Counter[tuple[str, str]]:
    """Return how often a case goes with services, people and groups."""
    found: Counter[tuple[str, str]] = Counter()
    for service in log[0]["detail"].get("services", []):
        found["service", service] += 1
    for each in log:
        if each["kind"] == "activity.completed" and each["element_kind"] == "userTask":
            found["person", each["actor"]] += 1
            begun = next(
                other for other in log if (other["kind"], other["task_id"]) == ("activity.started", each["task_id"])
            )
            found.update(("group", group) for group in begun["detail"].get("groups", []))
    return found


def elements_by_hand(log: Log) -> dict[str, tuple[int, int, int, float]]:
    """Return for each element how often it was completed, cancelled, entered again, and how long it took."""
    found = {}
    shown = [each for each in log if each["kind"].startswith("activity.") and "Gateway" not in each["element_kind"]]
    for element in {each["element_id"] for each in shown}:
        own = [each for each in shown if each["element_id"] == element]
        done = [each for each in own if each["kind"] == "activity.completed"]
        found[element] = (
            len(done),
            sum(each["kind"] == "activity.cancelled" for each in own),
            len({each["task_id"] for each in own if each["rework"]}),
            sum(each["duration_seconds"] for each in done),
        )
    return found


def values_by_hand(log: Log, variables: Mapping[str, Any]) -> dict[str, float]:
    """Return what the three own measures of `PROCESS` come to."""
    found = {"drafts": float(sum(_is(each, "activity.completed", "draft") for each in log))}
    begun = [index for index, each in enumerate(log) if _is(each, "activity.started", "one")]
    if begun:
        ended = [each for each in log[begun[0] :] if _is(each, "activity.completed", "two")]
        if ended:
            found["check_time"] = (ended[0]["at"] - log[begun[0]]["at"]).total_seconds()
    if "rounds" in variables:
        found["rounds"] = float(variables["rounds"])
    return found


def _is(event: Mapping[str, Any], kind: str, element: str) -> bool:
    return (event["kind"], event["element_id"]) == (kind, element)


def data_of(stage: Stage) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return id and data of each case by its number."""
    rows = stage.rows("SELECT id, number, variables FROM process_instance")
    return {
        row.number: (row.id, json.loads(row.variables) if isinstance(row.variables, str) else row.variables)
        for row in rows
    }
