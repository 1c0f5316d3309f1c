"""Open tasks are put together when they are asked for: of a thousand, a step needs those that came or changed."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from engine.open_tasks import OpenTasks, by_id
from engine.recorder import Case, Cause, Waits, record
from engine.types import ENGINE, OpenUserTask, Step

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
CASE = Case("i", "C-1", "Case", 50, "p", 1, {"p": "p:1"}, ("group:owners",), NOW, 1, Waits())


def task(task_id: str) -> OpenUserTask:
    return OpenUserTask(task_id, "p", "e", "Name", None, None, (), (), None, None, 50, None, ())


class Asked:
    """Open tasks that note which of them were put together."""

    def __init__(self, *ids: str) -> None:
        self.made: list[str] = []
        self.tasks = OpenTasks({each: partial(self._make, each) for each in ids})

    def _make(self, task_id: str) -> OpenUserTask:
        self.made.append(task_id)
        return task(task_id)


def test_they_are_a_sequence_of_tasks_each_put_together_once() -> None:
    asked = Asked("a", "b", "c")
    assert (len(asked.tasks), bool(asked.tasks), asked.made) == (3, True, [])
    assert asked.tasks[1] == task("b")
    assert asked.tasks[1:] == (task("b"), task("c"))
    assert [each.task_id for each in asked.tasks] == ["a", "b", "c"]
    assert asked.made == ["b", "c", "a"]


def test_they_equal_whatever_holds_the_same_tasks() -> None:
    assert Asked("a", "b").tasks == (task("a"), task("b"))
    assert (task("a"),) == Asked("a").tasks
    assert Asked().tasks == ()
    assert Asked("a").tasks != (task("b"),)
    assert Asked("a").tasks != Asked("a", "b").tasks


def test_ids_are_known_without_a_task() -> None:
    asked = Asked("a", "b")
    assert ("a" in by_id(asked.tasks), "x" in by_id(asked.tasks), list(by_id(asked.tasks))) == (True, False, ["a", "b"])
    assert asked.made == []
    assert dict(by_id((task("a"),))) == {"a": task("a")}


def test_the_recorder_asks_for_new_and_changed_tasks_only() -> None:
    asked = Asked("old", "moved", "new")
    step = Step(
        b"", finished=False, outcome=None, variables={}, open_tasks=asked.tasks, changed_tasks=frozenset(("moved",))
    )
    before = replace(CASE, waits=Waits(tasks=frozenset(("old", "moved", "gone"))))
    changes = record(before, step, Cause("timer", ENGINE), NOW)
    assert sorted(asked.made) == ["moved", "new"]
    assert [row["id"] for row in changes.new_tasks] == ["new"]
    assert [row["task"] for row in changes.moved_tasks] == ["moved"]
    assert changes.unlisted == ["gone"]
    assert changes.waits.tasks == {"old", "moved", "new"}
