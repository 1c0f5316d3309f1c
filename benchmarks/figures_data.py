"""Fills a database with ended cases by the ten thousand, and prints how long their figures take to be made.

    python benchmarks/figures_data.py [--database sqlite:///FILE | postgresql://...] [--cases 50000]

The database has to be empty; the default is a new SQLite file that is deleted afterwards. Cases of three definitions of
one managed process, about twenty events each, ended over twelve months; one in fifty still runs. Rows are written in
bulk, as a year of work would have left them; then `comity figures rebuild` does what the end of each case would have
done, and the days are summed up.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine import events, managed
from engine.definitions import Definition, Definitions
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
from engine.persistence import models
from engine.persistence.statements import EVENT, INSTANCE, PARTICIPANT, table
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Json
from forms.catalog import MarshmallowForms

KEYS: Final = ("capture", "transform", "close")
STEPS: Final = ("read", "judge", "write", "confirm")
END: Final = datetime(2026, 10, 31, 12, tzinfo=UTC)
DAYS: Final = 365
CASES: Final = 50_000
CHUNK: Final = 1_000
GROUPS: Final = ("analysts", "clerks", "managers")
SERVICES: Final = tuple(f"S-{number:04}" for number in range(1, 21))
ORGANISATIONS: Final = tuple(f"customer-{number}" for number in range(1, 31))
PEOPLE: Final = tuple(f"person{number}" for number in range(40))

PROCESS: Final = ManagedProcess(
    "benchmark",
    "Benchmark",
    owner_group="owners",
    cases=KEYS,
    send_backs=("again",),
    feedback="How satisfied are you?",
    measures=(
        OwnMeasure("judged", "Times judged", "count", of=EventPattern(element="judge")),
        OwnMeasure(
            "to_judgement",
            "Time to judgement",
            "duration",
            "seconds",
            since=EventPattern(events.CASE_STARTED),
            until=EventPattern(element="judge"),
        ),
        OwnMeasure("cost", "Cost", "field", "euro", field="cost"),
    ),
)


def model(key: str) -> bytes:
    """Return a process of four user tasks with a gateway that goes back."""
    tasks = "".join(
        f'<bpmn:userTask id="{step}" name="{step.capitalize()}" camunda:candidateGroups="analysts"/>' for step in STEPS
    )
    joins = (("s", "m"), ("m", "read"), ("read", "judge"), ("judge", "g"), ("write", "confirm"), ("confirm", "e"))
    flows = "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in joins)
    back = (
        '<bpmn:sequenceFlow id="back" sourceRef="g" targetRef="m"><bpmn:conditionExpression'
        ' xsi:type="bpmn:tFormalExpression">again = true</bpmn:conditionExpression></bpmn:sequenceFlow>'
        '<bpmn:sequenceFlow id="on" sourceRef="g" targetRef="write"/>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions'
        ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://comity.example/benchmark">'
        f'<bpmn:process id="{key}" name="{key.capitalize()}" isExecutable="true"'
        ' camunda:candidateStarterGroups="staff"><bpmn:extensionElements><camunda:properties>'
        '<camunda:property name="ownerGroup" value="owners"/></camunda:properties></bpmn:extensionElements>'
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="m"/><bpmn:exclusiveGateway id="g" default="on"/>'
        f'{tasks}<bpmn:endEvent id="e"/>{flows}{back}</bpmn:process></bpmn:definitions>'
    ).encode()


def prepared(url: str, cases: int = CASES) -> ProcessEngine:
    """Return an engine on the empty database `url`, filled with `cases` cases that have no figures yet."""
    engine = ProcessEngine(url, MarshmallowForms())
    engine.migrate()
    engine.repository.deploy({f"{key}.bpmn": model(key) for key in KEYS}, name="benchmark", actor=ENGINE)
    with engine.database.write() as connection:
        managed.store(connection, [PROCESS], END)
    with engine.database.read() as connection:
        definitions = [Definitions().latest(connection, key) for key in KEYS]
    dice = random.Random(7)  # noqa: S311 - the same data each time
    for first in range(0, cases, CHUNK):
        histories = [_history(number, definitions, dice) for number in range(first, min(first + CHUNK, cases))]
        with engine.database.write() as connection:
            connection.execute(insert(INSTANCE), [each.row for each in histories])
            connection.execute(insert(EVENT), [event for each in histories for event in each.events])
            connection.execute(insert(PARTICIPANT), [row for each in histories for row in each.participants()])
            answers = [each.answer for each in histories if each.answer is not None]
            if answers:
                connection.execute(insert(models.Feedback), answers)
    return engine


@dataclass
class _History:
    """The rows of one case."""

    row: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None

    def participants(self) -> list[dict[str, str]]:
        """Return who had tasks of the case, and which groups."""
        principals = {f"user:{event['detail']['to']}" for event in self.events if event["kind"] == events.TASK_CLAIMED}
        principals |= {f"group:{name}" for event in self.events for name in event["detail"].get("groups", ())}
        return [{"principal": each, "instance_id": self.row["id"]} for each in sorted(principals)]

    def add(self, at: datetime, kind: str, actor: str = ENGINE.user_id, **facts: Any) -> None:
        self.events.append(
            {
                "at": at,
                "kind": kind,
                "instance_id": self.row["id"],
                "definition_key": self.row["definition_key"],
                "definition_version": 1,
                "process_key": self.row["definition_key"],
                "task_id": None,
                "element_id": None,
                "element_name": None,
                "element_kind": None,
                "actor": actor,
                "duration_seconds": None,
                "working_seconds": None,
                "effort_minutes": None,
                "channel": None,
                "outcome": None,
                "rework": False,
                "priority": self.row["priority"],
                "interface": None,
                "detail": {},
                **facts,
            }
        )


def _history(number: int, definitions: list[Definition], dice: random.Random) -> _History:
    definition = dice.choice(definitions)
    started = END - timedelta(seconds=dice.random() * DAYS * 86_400)
    row: dict[str, Any] = {
        "id": f"{number:032x}",
        "number": f"C-{number:06d}",
        "definition_id": definition.id,
        "definition_key": definition.key,
        "definitions": [definition.id],
        "title": f"Case {number}",
        "status": "active",
        "outcome": None,
        "priority": dice.choice((20, 50, 50, 50, 80)),
        "channel": dice.choice(("web", "phone", None)),
        "originator": dice.choice(PEOPLE),
        "organisation_id": dice.choice(ORGANISATIONS),
        "started_by": dice.choice(PEOPLE),
        "started_at": started,
        "changed_at": started,
        "ended_at": None,
        "revision": 9,
        "failures": 0,
        "state": b"",
        "variables": {"cost": dice.randrange(10_000) / 10},
        "waits": {},
    }
    case = _History(row)
    services: Json = sorted(set(dice.choices(SERVICES, k=2)))
    case.add(started, events.CASE_STARTED, row["started_by"], channel=row["channel"], detail={"services": services})
    case.add(started, events.ACTIVITY_COMPLETED, row["started_by"], **_element("s", "startEvent"), duration_seconds=0.0)
    end = started
    for step, again in _way(dice):
        end = _task(case, end, step, dice, again=again)
        if end > END or dice.random() < 0.01:
            break
    _end(case, end, dice)
    return case


def _way(dice: random.Random) -> Iterator[tuple[str, bool]]:
    """Yield the steps of a case, each with whether it is done again."""
    yield from (("read", False), ("judge", False))
    while dice.random() < 0.15:
        yield from (("read", True), ("judge", True))
    yield from (("write", False), ("confirm", False))


def _element(identity: str, kind: str) -> dict[str, str]:
    return {"element_id": identity, "element_name": identity.capitalize(), "element_kind": kind}


def _task(case: _History, begun: datetime, step: str, dice: random.Random, *, again: bool) -> datetime:
    facts: dict[str, Any] = {
        **_element(step, "userTask"),
        "task_id": f"{case.row['id']}{len(case.events)}",
        "rework": again,
    }
    person, group = dice.choice(PEOPLE), dice.choice(GROUPS)
    claimed = begun + timedelta(seconds=dice.lognormvariate(9, 1.2))
    done = claimed + timedelta(seconds=dice.lognormvariate(8, 1))
    case.add(begun, events.ACTIVITY_STARTED, **facts, detail={"groups": [group]})
    case.add(claimed, events.TASK_CLAIMED, person, **facts, detail={"from": None, "to": person})
    case.add(
        done,
        events.ACTIVITY_COMPLETED,
        person,
        **facts,
        duration_seconds=(done - begun).total_seconds(),
        working_seconds=(done - claimed).total_seconds(),
        effort_minutes=dice.choice((None, 5, 10, 30)),
        outcome=dice.choice(("agreed", "agreed", "again")) if step == "judge" else None,
    )
    if step == "judge":
        case.add(done, events.ACTIVITY_COMPLETED, **_element("g", "exclusiveGateway"), duration_seconds=0.0)
    if step == "write":
        decided: dict[str, Any] = {
            "interface": "decision:level",
            "duration_seconds": 0.0,
            **_element("rate", "businessRuleTask"),
        }
        case.add(done, events.ACTIVITY_COMPLETED, **decided)
        case.add(done, events.MESSAGE_SENT, interface="message:Told")
    if dice.random() < 0.01:
        case.add(done, events.FAILURE_RECORDED, element_id=step, detail={"reason": "made up"})
    return done


def _end(case: _History, end: datetime, dice: random.Random) -> None:
    row, whole = case.row, case.events[-1]["element_id"] == "confirm"
    if end > END or (row["started_at"] > END - timedelta(days=30) and dice.random() < 0.2):
        return
    case.add(end, events.ACTIVITY_COMPLETED, **_element("e", "endEvent"), duration_seconds=0.0)
    status = "completed" if whole else "cancelled"
    outcome = dice.choice(("Agreed", "Agreed", "Refused")) if whole else None
    row.update(status=status, outcome=outcome, changed_at=end, ended_at=end)
    detail = {} if whole else {"reason": "made up"}
    elapsed = (end - row["started_at"]).total_seconds()
    case.add(end, f"case.{status}", duration_seconds=elapsed, outcome=outcome, detail=detail)
    if whole and dice.random() < 0.4:
        score, given = dice.choice((1, 2, 3, 4, 4, 5, 5)), end + timedelta(hours=3)
        case.add(given, events.FEEDBACK_GIVEN, row["originator"], detail={"score": score})
        case.answer = {
            "instance_id": row["id"],
            "score": score,
            "comment": "Made up." if dice.random() < 0.3 else None,
            "given_by": row["originator"],
            "given_at": given,
        }


def counts(engine: ProcessEngine) -> dict[str, int]:
    """Return how many rows the tables hold that are of interest here."""
    wanted = (
        models.ProcessInstance,
        models.ActivityEvent,
        models.CaseSummary,
        models.CaseActivity,
        models.CaseLabel,
        models.CaseValue,
        models.Feedback,
        models.DailyFigure,
        models.SummedDay,
        models.PackedMonth,
    )
    with engine.database.read() as connection:
        return {
            each.__tablename__: connection.execute(select(func.count()).select_from(table(each))).scalar_one()
            for each in wanted
        }


def timed(what: str, work: Any) -> None:
    """Run `work` and print how long it took, with its result."""
    began, worked = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - began, time.process_time() - worked
    print(f"{what:<28} {wall:8.1f} s, {cpu:6.1f} s of them computing here   {result or ''}", flush=True)


def main() -> None:
    """Fill a database, make the figures, say what there is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database")
    parser.add_argument("--cases", type=int, default=CASES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made: list[ProcessEngine] = []
        url = given.database or f"sqlite:///{folder}/figures.sqlite"
        timed("rows in bulk", lambda: made.append(prepared(url, given.cases)))
        (engine,) = made
        try:
            timed("figures of ended cases", engine.management.rebuild_figures)
            timed("sums of days", engine.management.sum_days)
            timed("looked, nothing to sum up", engine.management.sum_days)
            for name, count in counts(engine).items():
                print(f"{name:<28} {count:>10,}")
        finally:
            engine.close()


if __name__ == "__main__":
    main()
