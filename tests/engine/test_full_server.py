"""A PostgreSQL server that has no room: what is said, that nothing is lost, and that work goes on when there is room.

People and the scheduler work on it all the time. It is a server of the test's own, on small file systems in memory; who
may not mount these cannot run the test.
"""

import logging
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import ConcurrentUpdate, DatabaseFailed, DatabaseUnavailable, OutcomeUnknown, StorageFull
from tests.engine.small_server import LOG, TABLES, SmallServer, missing
from tests.engine.stage import Stage
from tests.engine.test_outages import deploy_waiting, wait_for, whole

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(missing() is not None, reason=f"no server with little room: {missing()}"),
]

WORKERS = 4


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with tempfile.TemporaryDirectory(prefix="comity-small-") as folder:  # the server's user gets in there
        made = SmallServer(Path(folder))
        try:
            made.set_up()
            yield made
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no server with little room: {error}")
        finally:
            made.close()


@pytest.fixture
def stage(server: SmallServer) -> Iterator[Stage]:
    made = Stage(server.url)
    made.engine.migrate()
    made.deploy_one_task()
    deploy_waiting(made)
    yield made
    made.close()


class People:
    """Who start cases and complete their tasks for as long as they can; `done` is what they were told is done."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._going = threading.Event()
        self._going.set()
        self.started: list[str] = []
        self.completed: list[str] = []
        self.refused: list[DatabaseFailed] = []
        self.faults: list[Exception] = []
        self._threads = [threading.Thread(target=self._work) for _ in range(WORKERS)]
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        self._going.clear()
        for each in self._threads:
            each.join(120)
            assert not each.is_alive()

    def _work(self) -> None:
        while self._going.is_set():
            try:
                self.started.append(self._stage.start("t").id)
                self.started.append(self._stage.start().id)
                for task in self._stage.tasks()[:2]:
                    try:
                        self._stage.complete(task.id, answer="x" * 200)
                        self.completed.append(task.id)
                    except ConcurrentUpdate:
                        continue
            except DatabaseFailed as error:
                self.refused.append(error)
                time.sleep(0.1)
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.faults.append(error)


def nothing_is_lost(stage: Stage, people: People) -> None:
    """What was acknowledged is there, and happened once."""
    assert people.faults == []
    cases = {row.id for row in stage.rows("SELECT id FROM process_instance")}
    assert set(people.started) <= cases
    completed = {row.id for row in stage.rows("SELECT id FROM user_task WHERE state = 'completed'")}
    assert set(people.completed) <= completed
    logged = stage.rows(
        "SELECT task_id FROM activity_event WHERE kind = 'activity.completed' AND element_kind = 'userTask'"
    )
    assert Counter(row.task_id for row in logged) == Counter(completed)
    assert stage.count("failure") == 0
    whole(stage)


@pytest.fixture
def people(stage: Stage) -> Iterator[People]:
    """People at work, and a scheduler."""
    scheduler = stage.engine.scheduler(cap_seconds=0.1)
    scheduler.start()
    made = People(stage)
    yield made
    made.stop()
    scheduler.stop()


def test_a_server_without_room_for_tables_refuses_and_goes_on(
    server: SmallServer, stage: Stage, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="engine.scheduler"):
        wait_for(lambda: len(people.completed) > 5)
        server.leave(TABLES, 64)
        wait_for(lambda: len(people.refused) > 20)
        stage.clock.pass_by(hours=2)  # timers are due that cannot fire
        wait_for(lambda: "cannot use the database" in caplog.text)
        assert {type(each) for each in people.refused} == {StorageFull}
        assert "No space left on device" in str(people.refused[0].reason)
        stage.tasks()  # reading works
        done = len(people.completed)
        server.give_room(TABLES)
        wait_for(lambda: len(people.completed) > done + 5)
        people.stop()
        stage.clock.pass_by(hours=2)
        wait_for(lambda: stage.count("job") == 0)
        wait_for(lambda: "can use the database again" in caplog.text)
    assert server.said.count("PANIC") == 0
    nothing_is_lost(stage, people)


def test_a_server_without_room_for_its_log_stops_and_loses_nothing(
    server: SmallServer, stage: Stage, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL gives itself up then; somebody has to make room and start it."""
    with caplog.at_level(logging.WARNING, logger="engine.scheduler"):
        wait_for(lambda: len(people.completed) > 5)
        server.leave(LOG, 0)
        wait_for(lambda: "PANIC" in server.said)
        stage.clock.pass_by(hours=2)
        wait_for(lambda: len(people.refused) > 10)
        assert {type(each) for each in people.refused} <= {DatabaseUnavailable, OutcomeUnknown, StorageFull}
        wait_for(lambda: "cannot use the database" in caplog.text)
        server.give_room(LOG)
        server.start()
        done = len(people.completed)
        wait_for(lambda: len(people.completed) > done + 5)
        people.stop()
        for _ in range(3):  # what was taken when the server stopped is leased
            stage.clock.pass_by(hours=2)
            time.sleep(0.5)
        wait_for(lambda: stage.count("job") == 0)
    nothing_is_lost(stage, people)
