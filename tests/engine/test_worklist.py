"""Lists of tasks: scopes, filters, orders, keyset pages, capped counts."""

from datetime import timedelta

import pytest

from engine.errors import InputRefused
from engine.views import Cursor, WorklistFilter
from tests.bpmn_models import end, flows, gateway, process, start, user_task
from tests.engine.stage import ANN, BEN, CARL, MORNING, STARTERS, Stage, form


def _fill(stage: Stage, cases: int) -> None:
    """Deploy a process of two tasks, due after `hours` hours and without due date, and start it some times."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="hours"),
            gateway("split", "parallel"),
            user_task("due", "Due soon", candidateGroups="analysts", dueDate='=duration("PT" + hours + "H")'),
            user_task("free", "Free", candidateGroups="analysts,clerks", candidateUsers="ben", priority="80"),
            end(),
            end("e2"),
            flows("s", "split", "due", "e"),
            flows("split", "free", "e2"),
            **STARTERS,
        ),
        hours__form=form("hours", "hours"),
    )
    for number in range(cases):
        stage.start(hours=str(number + 1))
        stage.clock.pass_by(minutes=1)


def _pages(stage: Stage, limit: int, **filters: object) -> list[str]:
    wanted = WorklistFilter(**filters)  # type: ignore[arg-type]  # the keywords of the filter
    found, after = [], None
    while True:
        page = stage.engine.tasks.worklist(ANN, filter=wanted, after=after, limit=limit)
        found += [row.id for row in page.rows]
        if page.next is None:
            return found
        assert len(page.rows) == limit
        after = Cursor.parse(str(page.next))


@pytest.mark.parametrize("sort", ["due", "created", "priority"])
def test_pages_join_to_the_whole_list_in_every_order(stage: Stage, sort: str) -> None:
    _fill(stage, 5)
    whole = _pages(stage, 100, sort=sort)
    assert len(whole) == 10
    for limit in (1, 3, 5):
        assert _pages(stage, limit, sort=sort) == whole
    rows = stage.tasks(ANN, sort=sort)
    if sort == "due":
        assert [row.due_at is None for row in rows] == [False] * 5 + [True] * 5
    elif sort == "priority":
        assert [row.priority for row in rows] == [80] * 5 + [50] * 5
    else:
        assert [row.created_at for row in rows] == sorted(row.created_at for row in rows)


def test_a_task_offered_in_two_ways_is_listed_once(stage: Stage) -> None:
    _fill(stage, 1)
    both = type(ANN)("ann", "Ann", ANN.roles, frozenset({"analysts", "clerks"}))
    assert sorted(row.element_id for row in stage.tasks(both)) == ["due", "free"]
    assert stage.engine.tasks.count(both) == 2


def test_scopes(stage: Stage) -> None:
    _fill(stage, 1)
    assert [row.element_id for row in stage.tasks(BEN, scope="mine")] == ["free"]
    assert sorted(row.element_id for row in stage.tasks(BEN, scope="groups")) == ["due", "free"]
    assert [row.element_id for row in stage.tasks(CARL)] == ["free"]
    assert stage.tasks(type(ANN)("new", "New")) == ()


def test_search_filter_and_overdue(stage: Stage) -> None:
    _fill(stage, 3)
    assert {row.case.number for row in stage.tasks(text="c-000002")} == {"C-000002"}
    assert [row.element_id for row in stage.tasks(text="DUE SO")] == ["due"] * 3
    assert stage.tasks(text="%") == ()
    assert stage.tasks(text="_") == ()
    assert len(stage.tasks(process_key="p")) == 6
    assert stage.tasks(process_key="q") == ()
    stage.clock.now = MORNING + timedelta(hours=2, minutes=30)
    overdue = stage.tasks(overdue=True)
    assert [row.due_at for row in overdue] == [MORNING + timedelta(hours=1), MORNING + timedelta(hours=2, minutes=1)]
    assert all(row.overdue for row in overdue)


def test_counts_stop_at_their_cap(stage: Stage) -> None:
    _fill(stage, 3)
    assert stage.engine.tasks.count(ANN) == 6
    assert stage.engine.tasks.count(ANN, cap=4) == 5
    assert stage.engine.tasks.count(ANN, filter=WorklistFilter(text="free"), cap=4) == 3


@pytest.mark.parametrize("text", ["", "x", "W10", "WzFd", str(Cursor(("created", "a"))), str(Cursor(("due", 1, 2, 3)))])
def test_a_damaged_link_is_refused(stage: Stage, text: str) -> None:
    with pytest.raises(InputRefused):
        stage.engine.tasks.worklist(ANN, after=Cursor.parse(text))


def test_the_search_finds_open_tasks_by_the_new_title_of_their_case(stage: Stage) -> None:
    tasks = [user_task(each, each, candidateGroups="analysts", formRef="t") for each in ("a", "b")]
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="t"),
            gateway("split", "parallel"),
            *tasks,
            end(),
            end("e2"),
            flows("s", "split", "a", "e"),
            flows("split", "b", "e2"),
            properties={"title": "name"},
            **STARTERS,
        ),
        t__form=form("t", "name"),
    )
    stage.start(name="Before")
    assert len(stage.tasks(text="before")) == 2
    stage.do("a", name="After")
    assert stage.tasks(text="before") == ()
    assert [(row.element_id, row.case.title) for row in stage.tasks(text="after")] == [("b", "After")]
