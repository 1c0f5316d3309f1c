"""The database is away, full, or breaks off: it is said, nothing is half done, and work goes on when it is back."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import DatabaseUnavailable, OutcomeUnknown, StorageFull, TaskNotOpen
from engine.persistence.models import ProcessInstance
from engine.registers import writes
from engine.types import ENGINE
from tests.bpmn_models import catch, end, flows, message, process, receive_task, start, timer
from tests.engine.stage import ANN, STARTERS, Stage
from tests.engine.wire import Loss, Wire
from tests.no_room import no_room

ROOT = Path(__file__).parents[2]


WAITS = ("tasks", "worklist"), ("timers", "job"), ("subscriptions", "subscription")


def whole(stage: Stage) -> None:
    """What is open in the cases' own rows is what stands in the tables."""
    with stage.engine.database.read() as connection:
        waits = connection.execute(sa.select(ProcessInstance.waits)).scalars().all()
    for what, table in WAITS:
        expected = {each for wait in waits for each in wait[what]}
        assert {row.task_id for row in stage.rows(f"select task_id from {table}")} == expected  # noqa: S608


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    late = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < late
        time.sleep(0.02)


def deploy_waiting(stage: Stage) -> None:
    """Deploy `t`, which waits an hour, and `m`, which waits for the message `go`."""
    stage.deploy(
        t__bpmn=process("t", start(), catch("w", timer("Duration", "PT1H")), end(), flows("s", "w", "e"), **STARTERS),
        m__bpmn=process(
            "m", start(), receive_task("w", "go"), end(), flows("s", "w", "e"), around=message("go", "go"), **STARTERS
        ),
    )


# --- no room --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(sqlite_database: str) -> Iterator[Stage]:
    made = Stage(sqlite_database)
    made.deploy_one_task()
    made.start()
    yield made
    made.close()


def test_a_full_disk_is_said_and_harms_nothing(small: Stage) -> None:
    started = 1
    with no_room(small.engine.database.engine):
        with pytest.raises(StorageFull, match=r"no room left\. Nothing was saved"):  # noqa: PT012 - when is not known
            for _ in range(1000):
                small.start()
                started += 1
        assert small.count("process_instance") == started
        whole(small)
        assert len(small.tasks()) == started, "reading works"
    for row in small.tasks():
        small.complete(row.id, answer="x" * 200)
    assert small.value("select count(*) from process_instance where status = 'completed'") == started
    whole(small)


def test_a_scheduler_without_room_says_so_once_and_goes_on(small: Stage, caplog: pytest.LogCaptureFixture) -> None:
    deploy_waiting(small)
    for _ in range(50):
        small.start("t")
    small.clock.pass_by(hours=2)
    scheduler = small.engine.scheduler(cap_seconds=0.05)
    with caplog.at_level(logging.INFO, logger="engine.scheduler"):
        with no_room(small.engine.database.engine):
            with pytest.raises(StorageFull):  # noqa: PT012 - when is not known
                for _ in range(1000):
                    small.start("p")
            scheduler.start()
            wait_for(lambda: "cannot use the database" in caplog.text)
            time.sleep(1)
            assert len(caplog.records) == 1
        small.clock.pass_by(minutes=1)  # what it had taken is leased
        wait_for(lambda: small.count("job") == 0)
        wait_for(lambda: "can use the database again" in caplog.text)
        scheduler.stop()
    assert len(caplog.records) == 2
    assert small.count("failure") == 0
    whole(small)


SQUEEZED = """
import resource, sys
from engine.errors import DatabaseFailed
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
engine = ProcessEngine(sys.argv[1], MarshmallowForms())
size = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
done = 0
try:
    for _ in range(5000):
        engine.runtime.start("p", {}, actor=ENGINE)
        done += 1
except DatabaseFailed as error:
    print(done, type(error).__name__, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_file_that_may_not_grow_is_told_apart_from_a_fault_of_ours(small: Stage) -> None:
    size = Path(small.url.removeprefix("sqlite:///")).stat().st_size
    small.engine.close()
    command = [sys.executable, "-c", SQUEEZED, small.url, str(size + 200_000)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout.split()
    assert answer[1:] == ["DatabaseUnavailable"], "an input/output error for SQLite"
    assert small.count("process_instance") == int(answer[0]) + 1
    whole(small)
    small.start()


# --- away -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def far(wire: Wire) -> Iterator[Stage]:
    """A stage whose engine reaches PostgreSQL over a wire that can be cut."""
    made = Stage(wire.url.render_as_string(hide_password=False))
    made.deploy_one_task()
    yield made
    made.close()


@pytest.mark.postgres
def test_a_server_that_is_away_is_said_and_its_return_noticed(far: Stage, wire: Wire) -> None:
    far.start()
    task = far.task()
    wire.cut()
    for action in (far.tasks, lambda: far.complete(task.id), far.start):
        with pytest.raises(DatabaseUnavailable, match=r"cannot be reached just now\. Nothing was saved"):
            action()
    wire.mend()
    assert far.complete(task.id).finished
    whole(far)


@pytest.mark.postgres
def test_connections_that_the_server_ended_are_replaced(far: Stage) -> None:
    far.start()
    task = far.task()
    admin = sa.create_engine(far.url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    with admin.connect() as connection:
        ended = connection.execute(sa.text(f"select pg_terminate_backend(pid) {others}")).all()
        assert ended
        while connection.execute(sa.text(f"select count(*) {others}")).scalar_one():
            time.sleep(0.01)
    assert far.complete(task.id).finished


@pytest.mark.postgres
def test_a_step_whose_connection_breaks_is_done_all_the_same(
    far: Stage, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.start()
    task = far.task()
    prepare = writes.prepare
    broken: list[bool] = []

    def breaking(*args: Any) -> Any:
        if not broken:
            broken.append(True)
            wire.cut()
            wire.mend()
        return prepare(*args)

    monkeypatch.setattr(writes, "prepare", breaking)
    assert far.complete(task.id).finished
    assert broken
    assert far.kinds(task.case.id).count("case.completed") == 1


# --- the answer to a commit is lost -----------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_step_whose_commit_got_no_answer_happens_once(far: Stage, wire: Wire, when: Loss) -> None:
    deploy_waiting(far)
    wire.lose_commit(when)
    case = far.start()
    assert far.count("process_instance") == 1
    assert case.number == far.value("select number from process_instance")

    task = far.task()
    wire.lose_commit(when)
    done = far.complete(task.id, answer="x")
    assert done.finished
    assert far.kinds(case.id).count("case.completed") == 1
    with pytest.raises(TaskNotOpen, match="by ann"):
        far.complete(task.id)

    waiting = far.start("m")
    wire.lose_commit(when)
    with pytest.raises(OutcomeUnknown, match="Look whether it was saved"):
        far.engine.runtime.send_message("go", None, {}, actor=ANN)
    kept = far.count("inbox_message")
    assert kept == (1 if when == "after" else 0)
    if not kept:
        far.engine.runtime.send_message("go", None, {}, actor=ANN)
    far.engine.management.run_due()
    assert far.engine.history.case(waiting.id, ENGINE).status == "completed"
    assert wire.lost == 3
    whole(far)


@pytest.mark.postgres
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", [1, 2])
def test_a_timer_whose_commit_got_no_answer_fires_once(far: Stage, wire: Wire, when: Loss, commit: int) -> None:
    """The first commit leases the job, the second one is the step."""
    deploy_waiting(far)
    case = far.start("t")
    far.clock.pass_by(hours=2)
    wire.lose_commit(when, commit)
    try:
        far.engine.management.run_due()
    except OutcomeUnknown:
        far.clock.pass_by(minutes=1)
        far.engine.management.run_due()
    assert wire.lost == 1
    assert far.kinds(case.id).count("case.completed") == 1
    assert far.engine.history.case(case.id, ENGINE).status == "completed"
    assert far.count("failure") == 0
    whole(far)


@pytest.mark.postgres
def test_whoever_writes_anything_else_is_told_that_nobody_knows(far: Stage, wire: Wire) -> None:
    far.start()
    wire.lose_commit("after")
    with pytest.raises(OutcomeUnknown):
        far.engine.tasks.claim(far.task().id, actor=ANN)
    assert far.value("select assignee from user_task") == "ann"


@pytest.mark.postgres
def test_a_scheduler_goes_on_when_the_server_is_back(far: Stage, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    deploy_waiting(far)
    for _ in range(3):
        far.start("t")
    scheduler = far.engine.scheduler(cap_seconds=0.05)
    with caplog.at_level(logging.INFO, logger="engine.scheduler"):
        scheduler.start()
        time.sleep(0.2)
        wire.cut()
        far.clock.pass_by(hours=2)
        wait_for(lambda: "cannot use the database" in caplog.text)
        time.sleep(1)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        wire.mend()
        wait_for(lambda: "can use the database again" in caplog.text)
        wait_for(lambda: far.count("job") == 0)
        scheduler.stop()
    assert len(caplog.records) == 2
    assert far.count("failure") == 0
    assert far.value("select count(*) from activity_event where kind = 'case.completed'") == 3
