"""What is kept of a case, who sees it, and the log that is exported."""

from datetime import timedelta

import pytest

from engine import managed
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.metrics.process import ManagedProcess
from engine.types import ENGINE
from engine.views import CaseFilter, Cursor, Turn
from tests.bpmn_models import end, flow, gateway, process, start, user_task
from tests.engine.stage import ADA, ANN, BEN, CARL, MORNING, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, form


def _rounds(stage: Stage) -> None:
    """Deploy a process whose task comes again until its form says that it is done."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("ask", "Ask", candidateGroups="analysts", formRef="f", properties={"outcome": "answer"}),
            gateway("done", default="done_ask"),
            end("e", "All is well"),
            flow("s", "ask"),
            flow("ask", "done"),
            flow("done", "ask"),
            flow("done", "e", '=answer = "done"'),
            properties={**OWNER, "originator": "initiator.id", "organisation": "initiator.organisation"},
            **STARTERS,
        ),
        f__form=form("f", "answer"),
    )


def test_the_log_has_who_what_when_and_how_long(stage: Stage) -> None:
    _rounds(stage)
    case = stage.start()
    stage.clock.pass_by(hours=1)
    stage.do("ask", answer="no")
    stage.clock.pass_by(minutes=10)
    stage.do("ask", answer="done")
    events = stage.engine.history.timeline(case.id, OLGA)
    tasks = [e for e in events if e.element_kind == "userTask"]
    assert [(e.kind, e.actor.id, e.outcome, e.rework, e.duration_seconds) for e in tasks] == [
        ("activity.started", "engine", None, False, None),
        ("activity.completed", "ann", "no", False, 3600.0),
        ("activity.started", "engine", None, True, None),
        ("activity.completed", "ann", "done", True, 600.0),
    ]
    assert (events[0].kind, events[0].actor.id, events[0].at) == ("case.started", "olga", MORNING)
    last = events[-1]
    assert (last.kind, last.outcome, last.duration_seconds) == ("case.completed", "All is well", 4200.0)
    assert last.at == MORNING + timedelta(minutes=70)


def test_who_sees_a_case(stage: Stage) -> None:
    _rounds(stage)
    case = stage.start()
    colleague = type(OLGA)("olivia", "Olivia", OLGA.roles, OLGA.groups, "acme")
    for actor in (OLGA, colleague, ANN, BEN, OWEN, ENGINE):
        assert stage.engine.history.case(case.id, actor).number == case.number
        assert [row.id for row in stage.engine.history.cases(actor).rows] == [case.id]
        assert stage.engine.history.timeline(case.id, actor)
    for actor in (OTTO, CARL, ADA):
        assert stage.engine.history.cases(actor).rows == ()
        assert list(stage.engine.history.export_log(actor)) == []
        for look in (stage.engine.history.case, stage.engine.history.timeline):
            with pytest.raises(NotFound):
                look(case.id, actor)
        for act in (
            lambda a=actor: stage.engine.runtime.comment(case.id, "x", "everyone", actor=a),
            lambda a=actor: stage.engine.runtime.follow(case.id, actor=a),
            lambda a=actor: stage.engine.runtime.cancel(case.id, "x", actor=a),
        ):
            with pytest.raises(NotFound):
                act()


def test_who_had_a_task_keeps_seeing_the_case(stage: Stage) -> None:
    stage.deploy_one_task(candidateGroups="clerks")
    case = stage.start()
    stage.do("ask", CARL)
    assert stage.engine.history.case(case.id, CARL).status == "completed"
    with pytest.raises(NotFound):
        stage.engine.history.case(case.id, ANN)


def test_cases_in_pages_and_filters(stage: Stage) -> None:
    _rounds(stage)
    cases = []
    for count in range(7):
        cases.append(stage.start(actor=OLGA if count % 2 else OTTO))
        if count % 3:
            stage.clock.pass_by(minutes=1)
    found, after = [], None
    while True:
        page = stage.engine.history.cases(ENGINE, after=after, limit=2)
        found += [row.id for row in page.rows]
        if page.next is None:
            break
        after = Cursor.parse(str(page.next))
    assert sorted(found) == sorted(case.id for case in cases)
    assert len(stage.engine.history.cases(ENGINE, filter=CaseFilter(text="c-000003")).rows) == 1
    assert len(stage.engine.history.cases(OLGA, filter=CaseFilter(scope="mine")).rows) == 3
    assert stage.engine.history.cases(ENGINE, filter=CaseFilter(status="completed")).rows == ()
    assert stage.engine.history.cases(ENGINE, filter=CaseFilter(failed=True)).rows == ()
    assert stage.engine.history.cases(ENGINE, filter=CaseFilter(process_key="q")).rows == ()
    with pytest.raises(InputRefused):
        stage.engine.history.cases(ENGINE, after=Cursor(("x", "y")))
    row = stage.engine.history.cases(OLGA).rows[0]
    assert row.waiting_for == (Turn("task", "Ask", None, ("analysts",)),)
    assert (row.process_name, row.originator.id if row.originator else None) == ("p", "olga")


def test_remarks_for_staff_are_not_for_originators(stage: Stage) -> None:
    _rounds(stage)
    case = stage.start()
    stage.engine.runtime.comment(case.id, "for all", "everyone", actor=OLGA)
    stage.clock.pass_by(minutes=1)
    stage.engine.runtime.comment(case.id, " for us ", "staff", actor=ANN)
    assert [each.text for each in stage.engine.history.case(case.id, ANN).comments] == ["for all", "for us"]
    assert [each.text for each in stage.engine.history.case(case.id, OLGA).comments] == ["for all"]
    assert "ann" not in {each.actor.id for each in stage.engine.history.timeline(case.id, OLGA)}
    with pytest.raises(NotPermitted):
        stage.engine.runtime.comment(case.id, "x", "staff", actor=OLGA)
    for text in ("", "  ", "x" * 10_001):
        with pytest.raises(InputRefused):
            stage.engine.runtime.comment(case.id, text, "everyone", actor=OLGA)


def test_followers(stage: Stage) -> None:
    _rounds(stage)
    case = stage.start()
    stage.engine.runtime.follow(case.id, actor=ANN)
    stage.engine.runtime.follow(case.id, actor=ANN)
    assert stage.engine.history.case(case.id, ANN).following
    assert [row.id for row in stage.engine.history.cases(ANN, filter=CaseFilter(scope="mine")).rows] == [case.id]
    stage.engine.runtime.unfollow(case.id, actor=ANN)
    assert not stage.engine.history.case(case.id, ANN).following


def test_the_export_has_every_event_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.history.exported_log._CHUNK", 3)
    _rounds(stage)
    for _ in range(3):
        stage.start()
        stage.clock.pass_by(days=1)
    rows = [row.as_dict() for row in stage.engine.history.export_log(OWEN)]
    assert len(rows) == stage.count("activity_event")
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert {row["case"] for row in rows} == {"C-000001", "C-000002", "C-000003"}
    some = list(
        stage.engine.history.export_log(OWEN, since=MORNING + timedelta(days=1), until=MORNING + timedelta(days=2))
    )
    assert {row.as_dict()["case"] for row in some} == {"C-000002"}
    with pytest.raises(NotFound, match="process 'q'"):
        stage.engine.history.export_log(OWEN, process_key="q")
    with stage.engine.database.write() as connection:
        managed.store(connection, [ManagedProcess("m", "Managed", cases=("p", "other"))], stage.clock())
    assert [row.as_dict() for row in stage.engine.history.export_log(OWEN, process_key="m")] == rows
