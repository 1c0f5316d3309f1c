"""The answer to the commit of a step is lost: for every kind of step the server is asked, and it happens once.

The step is made on PostgreSQL over a wire that breaks before its commit gets there, or after it was answered.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from engine.errors import OutcomeUnknown
from engine.operations import Operation
from engine.unit_of_work import doubt, saving, unit
from tests.bpmn_models import (
    catch,
    end,
    flows,
    message,
    message_event,
    process,
    service_task,
    start,
    timer,
    user_task,
)
from tests.engine import framework
from tests.engine.stage import ANN, OLGA, OWEN, OWNER, STARTERS, Stage
from tests.engine.test_outages import whole
from tests.engine.test_signals import listener
from tests.engine.wire import Loss, Wire

pytestmark = pytest.mark.postgres

Way = tuple[Callable[[Stage], None], Callable[[Stage], object]]
"""What is there before, and the step; it returns something true when it says that it was made."""

IDENTITY: Final = "0" * 32
CASE: Final = "SELECT id FROM process_instance"


@pytest.fixture
def far(wire: Wire) -> Iterator[Stage]:
    operation = Operation("order", "Order", "Orders.", lambda _: {})
    made = Stage(wire.url.render_as_string(hide_password=False), operations=[operation])
    yield made
    made.close()


@pytest.fixture
def near(postgres_database: str) -> Iterator[Stage]:
    """An engine with a wire of its own that stays whole."""
    made = Stage(postgres_database)
    yield made
    made.close()


def two_tasks(stage: Stage, name: str = "A") -> None:
    tasks = (user_task("a", name, candidateGroups="analysts"), user_task("b", candidateGroups="analysts"))
    stage.deploy(p__bpmn=process("p", start(), *tasks, end(), flows("s", "a", "b", "e"), properties=OWNER, **STARTERS))


def began(stage: Stage) -> None:
    two_tasks(stage)
    stage.start()


def waits(*parts: str, around: str = "") -> Callable[[Stage], None]:
    model = process("p", start(), *parts, end(), flows("s", "w", "e"), around=around, properties=OWNER, **STARTERS)

    def prepared(stage: Stage) -> None:
        stage.deploy(p__bpmn=model)
        stage.start()

    return prepared


def timed(stage: Stage) -> None:
    waits(catch("w", timer("Duration", "PT1H")))(stage)
    stage.clock.pass_by(hours=2)


def signalled(stage: Stage) -> None:
    stage.deploy(p__bpmn=listener())
    stage.start()
    stage.engine.runtime.throw_signal("news", actor=ANN)


def a_newer_framework(stage: Stage) -> None:
    framework.deploy(stage)
    stage.start()
    framework.change(stage)


def a_newer_version(stage: Stage) -> None:
    began(stage)
    two_tasks(stage, "Anew")
    old, new = (row.id for row in stage.rows("SELECT id FROM process_definition ORDER BY version"))
    stage.engine.case_migrations.start(old, new, "newer", actor=OWEN)


def due(stage: Stage) -> int:
    return stage.engine.management.run_due()


def skip(stage: Stage) -> object:
    (task,) = stage.tasks()
    return stage.engine.mending.skip(stage.value(CASE), task.id, {}, reason="not needed", actor=OWEN)


def cancel(stage: Stage) -> object:
    stage.engine.runtime.cancel(stage.value(CASE), "no use", actor=OWEN)
    return True


TOLD: Final = message("m", "go")
WAYS: Final[dict[str, Way]] = {
    "start": (two_tasks, lambda stage: stage.start()),
    "start under an id": (
        two_tasks,
        lambda stage: not stage.engine.runtime.start("p", {}, actor=OLGA, identity=IDENTITY).repeated,
    ),
    "completion": (began, lambda stage: stage.do("a")),
    "timer": (timed, due),
    "message": (
        waits(catch("w", message_event("m")), around=TOLD),
        lambda stage: stage.engine.runtime.send_message("go", None, {}, actor=ANN).state == "delivered",
    ),
    "signal": (signalled, due),
    "operation": (waits(service_task("w", "order")), due),
    "take-over": (a_newer_framework, due),
    "move": (a_newer_version, due),
    "mending": (began, skip),
    "cancellation": (began, cancel),
}


def lose(wire: Wire, when: Loss, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Lose the answer to the commit of the next step; return a list that has an item for each time it is written."""
    save, written = saving.save_changes, list[bool]()

    def losing(*args: Any) -> None:
        if not written:
            wire.lose_commit(when)
        written.append(True)
        save(*args)

    monkeypatch.setattr(unit, "save_changes", losing)
    return written


def meanwhile(monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> None:
    """Do something else after the commit that got no answer, before the server is asked how it ended."""
    counts = doubt._counts

    def late(*args: Any) -> bool:
        monkeypatch.undo()
        action()
        return counts(*args)

    monkeypatch.setattr(doubt, "_counts", late)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", WAYS)
def test_it_is_known_whether_it_counts(
    far: Stage, wire: Wire, kind: str, when: Loss, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, step = WAYS[kind]
    prepare(far)
    before = {row.id: row.revision for row in far.rows("SELECT id, revision FROM process_instance")}
    written = lose(wire, when, monkeypatch)
    assert step(far), "the step says that it was made"
    assert wire.lost == 1
    assert len(written) == (1 if when == "after" else 2), "it was made again only if it did not count"
    ((case, revision),) = far.rows("SELECT id, revision FROM process_instance")
    assert revision == before.get(case, 0) + 1
    assert far.count("failure") == 0
    whole(far)


def test_a_step_counts_after_which_somebody_went_on(
    far: Stage, near: Stage, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(far)
    lose(wire, "after", monkeypatch)
    meanwhile(monkeypatch, lambda: near.do("b"))
    assert far.do("a").case.id == far.value(CASE)
    assert far.value("SELECT status FROM process_instance") == "completed"


def test_the_same_step_of_somebody_else_is_not_taken_for_ones_own(
    far: Stage, near: Stage, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is handed in twice: one commit does not get there, the other one makes the case."""
    two_tasks(far)

    def start_under_the_id(stage: Stage) -> Any:
        return stage.engine.runtime.start("p", {}, actor=OLGA, identity=IDENTITY)

    lose(wire, "before", monkeypatch)
    meanwhile(monkeypatch, lambda: start_under_the_id(near))
    made = start_under_the_id(far)
    assert made.repeated
    assert made.number == far.value("SELECT number FROM process_instance")


def test_a_server_that_is_back_soon_says_it(far: Stage, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    began(far)
    lose(wire, "after", monkeypatch)

    def away() -> None:
        wire.cut()
        threading.Timer(0.5, wire.mend).start()

    meanwhile(monkeypatch, away)
    assert far.do("a").case.id == far.value(CASE)
    assert far.task().element_id == "b"


def test_a_server_that_cannot_say_is_no_answer(far: Stage, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    began(far)
    lose(wire, "after", monkeypatch)

    def away() -> None:
        monkeypatch.setattr(doubt, "_PATIENCE_SECONDS", 0.2)
        wire.cut()

    meanwhile(monkeypatch, away)
    with pytest.raises(OutcomeUnknown, match="Look whether it was saved"):
        far.do("a")
    wire.mend()
    assert far.task().element_id == "b"


def test_a_transaction_that_the_server_has_not_ended_yet_is_waited_for(
    far: Stage, near: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks waits for the end, and gives up after a while."""
    monkeypatch.setattr(doubt, "_PATIENCE_SECONDS", 0.2)
    with near.engine.database.write() as connection:
        mark = doubt.Mark(connection.execute(sa.text("SELECT CAST(pg_current_xact_id() AS text)")).scalar_one())
        with pytest.raises(OutcomeUnknown):
            doubt._counts(far.engine.database, mark, OutcomeUnknown("lost"))
    assert doubt._counts(far.engine.database, mark, OutcomeUnknown("lost"))
