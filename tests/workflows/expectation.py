"""Owns the comparison of a case with what a scenario expects of it (grammar: README.md); it plays nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from engine import feel
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseDetail, CaseFilter, OutboxRow

Expected = Mapping[str, Any]


def check(engine: ProcessEngine, case: CaseDetail, expected: Expected) -> None:
    """Compare `case` with each part of `expected`; an unknown part is an error of the scenario."""
    for part, wanted in expected.items():
        _CHECKS[part](engine, case, wanted)


def _open(engine: ProcessEngine, case: CaseDetail, wanted: list[str]) -> None:
    assert sorted(task.element_id for task in case.tasks) == sorted(wanted)


def _waits(engine: ProcessEngine, case: CaseDetail, wanted: list[str]) -> None:
    assert sorted(wait.element_id for wait in case.waits) == sorted(wanted)


def _finished(engine: ProcessEngine, case: CaseDetail, wanted: bool) -> None:
    assert (case.status == "completed") is wanted


def _outcome(engine: ProcessEngine, case: CaseDetail, wanted: str) -> None:
    assert case.outcome == wanted


def _case(engine: ProcessEngine, case: CaseDetail, wanted: Expected) -> None:
    facts = {name: getattr(case, name) for name in wanted}
    if facts.get("originator") is not None:
        facts["originator"] = facts["originator"].id
    assert facts == wanted


def _tasks(engine: ProcessEngine, case: CaseDetail, wanted: Mapping[str, Expected]) -> None:
    for element_id, facts in wanted.items():
        row = next((task for task in case.tasks if task.element_id == element_id), None)
        assert row is not None, f"{element_id} is not open"
        task = engine.tasks.get(row.id, ENGINE)
        assert task.form is not None
        found = {
            "assignee": task.assignee.id if task.assignee else None,
            "groups": sorted(task.groups),
            "lane": task.lane,
            "priority": task.priority,
            "overdue": task.overdue,
            "due": task.due_at,
        }
        due = {"due": feel.to_instant(facts["due"], task.created_at)} if "due" in facts else {}
        assert {name: found[name] for name in facts} == {**facts, **due}, element_id


def _records(engine: ProcessEngine, case: CaseDetail, wanted: Mapping[str, Expected]) -> None:
    for register, facts in wanted.items():
        ids = list(dict.fromkeys(use.ref.id for use in case.records if use.produced and use.ref.register == register))
        if "count" in facts:
            assert len(ids) == facts["count"], register
        rest = {name: value for name, value in facts.items() if name != "count"}
        if rest:
            assert ids, f"the case has produced nothing in {register}"
            record = engine.registers.record(register, ids[-1], ENGINE)
            found = {**record.body, "status": record.status, "version": record.version}
            assert {name: found.get(name) for name in rest} == rest, f"{register} {ids[-1]}"


def _outbox(engine: ProcessEngine, case: CaseDetail, wanted: list[Expected]) -> None:
    sent = [row for row in engine.management.outbox(ENGINE, state=None, limit=200).rows if row.case.id == case.id]
    sent.sort(key=lambda row: row.created_at)
    assert [_facts_of(row, facts) for row, facts in zip(sent, wanted, strict=True)] == wanted


def _facts_of(row: OutboxRow, wanted: Expected) -> dict[str, Any]:
    found = {name: getattr(row, "correlation_key" if name == "key" else name) for name in wanted}
    if "payload" in wanted:
        found["payload"] = {name: row.payload.get(name) for name in wanted["payload"]}
    return found


def _log(engine: ProcessEngine, case: CaseDetail, wanted: list[Expected]) -> None:
    events = [
        {
            "element": entry.element_id,
            "kind": entry.kind,
            "actor": entry.actor.id,
            "outcome": entry.outcome,
            "interface": entry.interface,
            "rework": entry.rework,
            "channel": entry.channel,
        }
        for entry in engine.history.timeline(case.id, ENGINE)
    ]
    for facts in wanted:
        assert any(facts.items() <= event.items() for event in events), f"no event with {facts} among {events}"


def _cases(engine: ProcessEngine, case: CaseDetail, wanted: Mapping[str, int]) -> None:
    found = {key: len(engine.history.cases(ENGINE, filter=CaseFilter(process_key=key)).rows) for key in wanted}
    assert found == wanted


_CHECKS: Mapping[str, Callable[[ProcessEngine, CaseDetail, Any], None]] = {
    "open": _open,
    "waits": _waits,
    "finished": _finished,
    "outcome": _outcome,
    "case": _case,
    "tasks": _tasks,
    "records": _records,
    "outbox": _outbox,
    "log": _log,
    "cases": _cases,
}
