"""Who had the case when: the time between its start and its end, cut into working, waiting and idle.

At each moment somebody has claimed a task of the case (working), or nobody has but a task is open (waiting), or it
waits for no person (idle: timers, messages, machines). The three add up to the cycle time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine import events
from engine.metrics.log_facts import USER_TASK, LogEvent

NOTHING = timedelta()


@dataclass(slots=True)
class TaskTime:
    """How long a user task was open, and how long of it somebody had it. `claimed` says whether ever."""

    since: datetime
    had: bool = False
    claimed: bool = False
    waiting: timedelta = NOTHING
    working: timedelta = NOTHING

    def pass_to(self, moment: datetime) -> None:
        """Let time pass until `moment`."""
        if self.had:
            self.working += moment - self.since
        else:
            self.waiting += moment - self.since
        self.since = moment

    def take(self, *, had: bool) -> None:
        """Give the task to somebody, or back to all."""
        self.had, self.claimed = had, self.claimed or had


@dataclass(slots=True)
class Presence:
    """The time of a case in three parts, and that of its user tasks, by task id."""

    working: timedelta = NOTHING
    waiting: timedelta = NOTHING
    idle: timedelta = NOTHING
    tasks: dict[str, TaskTime] = field(default_factory=dict)

    @property
    def cycle(self) -> timedelta:
        """Return the time from start to end."""
        return self.working + self.waiting + self.idle


def presence_of(log: Sequence[LogEvent]) -> Presence:
    """Return the times of a case whose events, in order, are `log`, the last of them its end."""
    found, open_tasks = Presence(), dict[str, TaskTime]()
    last = log[0].at
    for event, moment in _in_time(log):
        _spend(found, open_tasks, moment - last)
        last = moment
        _follow(found, open_tasks, event, moment)
    for task in open_tasks.values():  # a case that could not be read any more was cancelled without its tasks
        task.pass_to(last)
    return found


def _in_time(log: Sequence[LogEvent]) -> Iterator[tuple[LogEvent, datetime]]:
    """Yield events with moments that never go back: the clocks of two machines may differ by a little."""
    moment = log[0].at
    for event in log:
        moment = max(moment, event.at)
        yield event, moment


def _spend(found: Presence, open_tasks: dict[str, TaskTime], length: timedelta) -> None:
    if any(task.had for task in open_tasks.values()):
        found.working += length
    elif open_tasks:
        found.waiting += length
    else:
        found.idle += length


def _follow(found: Presence, open_tasks: dict[str, TaskTime], event: LogEvent, moment: datetime) -> None:
    task_id = event.task_id
    if task_id is None:
        return
    if event.kind == events.ACTIVITY_STARTED and event.element_kind == USER_TASK:
        found.tasks[task_id] = open_tasks[task_id] = TaskTime(moment)
    elif (task := open_tasks.get(task_id)) is None:
        return
    elif event.kind in (events.TASK_CLAIMED, events.TASK_ASSIGNED, events.TASK_RELEASED):
        task.pass_to(moment)
        task.take(had=event.detail.get("to") is not None)
    elif event.kind in (events.ACTIVITY_COMPLETED, events.ACTIVITY_CANCELLED, events.ACTIVITY_SKIPPED):
        task.pass_to(moment)
        del open_tasks[task_id]
