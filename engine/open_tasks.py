"""Owns the open user tasks of a case as a step leaves them: each is put together when it is asked for.

A case may have a thousand of them, and a step changes one: of all others nobody needs more than the id.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import overload

from engine.types import OpenUserTask


class OpenTasks(Sequence[OpenUserTask]):
    """The open user tasks of a case in its own order; equal to every sequence of the same tasks."""

    __hash__ = None  # type: ignore[assignment]  # as every sequence that is equal to a list

    def __init__(self, makers: Mapping[str, Callable[[], OpenUserTask]]) -> None:
        """Take for each task, by id, what puts it together; it is called when the task is first asked for."""
        self.by_id: Mapping[str, OpenUserTask] = _Made(makers)

    @overload
    def __getitem__(self, index: int) -> OpenUserTask: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[OpenUserTask, ...]: ...

    def __getitem__(self, index: int | slice) -> OpenUserTask | tuple[OpenUserTask, ...]:
        ids = list(self.by_id)[index]
        return self.by_id[ids] if isinstance(ids, str) else tuple(self.by_id[each] for each in ids)

    def __iter__(self) -> Iterator[OpenUserTask]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(other) == len(self) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return f"OpenTasks({list(self)!r})"


class _Made(Mapping[str, OpenUserTask]):
    """Tasks by id; what is known without putting one together is told without doing so."""

    def __init__(self, makers: Mapping[str, Callable[[], OpenUserTask]]) -> None:
        self._makers = makers
        self._made: dict[str, OpenUserTask] = {}

    def __getitem__(self, task_id: str) -> OpenUserTask:
        made = self._made.get(task_id)
        if made is None:
            made = self._made[task_id] = self._makers[task_id]()
        return made

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def by_id(tasks: Sequence[OpenUserTask]) -> Mapping[str, OpenUserTask]:
    """Return open tasks by id, in their order, none of them put together that has not been asked for."""
    return tasks.by_id if isinstance(tasks, OpenTasks) else {task.task_id: task for task in tasks}
