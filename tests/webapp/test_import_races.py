"""Imports of the pages that meet: two tabs, two processes, two uploads of one file; each row comes in exactly once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.imports.mapping import RowMapping
from engine.imports.runs import ImportRuns
from engine.imports.stored import RunView
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor
from engine.views import Cursor
from forms.catalog import MarshmallowForms
from tests.engine.stage import at_once
from tests.webapp.cli import content
from webapp.imports import target

pytestmark = pytest.mark.slow

CHOSEN = RowMapping({"title": "Title"})
STORED = {"columns": {"title": "Title"}, "constants": {}, "computed": {}, "channel": None, "status": None}
ROWS = 60
SHEET = "Title,Note\n" + "".join(f"piece {number},\n" for number in range(ROWS)) + ",x\n" + "twin,\ntwin,\n"
TAKEN = {**{f"piece {number}": 1 for number in range(ROWS)}, "twin": 2}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[ProcessEngine]]:
    """Three engines on one database with the small process, as three server processes have them."""
    url = f"sqlite:///{tmp_path}/comity.sqlite"
    if request.param != "sqlite":
        url = request.getfixturevalue("own_postgres_url")
    content.build(url)
    made = [ProcessEngine(url, MarshmallowForms()) for _ in range(3)]
    yield made
    for engine in made:
        engine.close()


def mapped(engine: ProcessEngine, actor: Actor, sheet: str = SHEET) -> RunView:
    runs = engine.import_runs
    run = runs.get(runs.upload("sheet.csv", sheet.encode(), "process:take_order", actor=actor), actor)
    runs.set_mapping(run, CHOSEN, STORED)
    run = runs.get(run.id, actor)
    runs.begin(run, CHOSEN)
    return run


def to_the_end(engine: ProcessEngine, run: RunView, actor: Actor, seconds: float = 0.05) -> RunView:
    """Do what a page does that is left open."""
    while True:
        into = target(engine, run.target, actor)
        found = engine.import_runs.advance(run.id, into, CHOSEN, actor=actor, seconds=seconds)
        if found.state != "running":
            return found


def titles(engine: ProcessEngine) -> Counter[str]:
    found: Counter[str] = Counter()
    after: Cursor | None = None
    while True:
        page = engine.history.cases(ENGINE, after=after, limit=200)
        found.update(row.title for row in page.rows)
        after = page.next
        if after is None:
            return found


def test_tabs_and_processes_share_the_rows_of_one_run(engines: list[ProcessEngine]) -> None:
    anna = engines[0].identity.actor("anna")
    run = mapped(engines[0], anna)
    outcomes = at_once(*(lambda engine=engine: to_the_end(engine, run, anna) for engine in (*engines, engines[0])))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert titles(engines[0]) == TAKEN
    done = engines[0].import_runs.get(run.id, anna)
    assert done.state == "done"
    counts = done.counts
    assert (counts.rows, counts.reached) == (ROWS + 3, ROWS + 3)
    assert (counts.taken, counts.already, counts.refused) == (ROWS + 2, 0, 1), "what others took is not counted again"
    (refused,) = engines[0].import_runs.refused(done).rows
    assert refused.row == ROWS + 1


def test_two_people_with_the_same_file_share_its_rows(engines: list[ProcessEngine]) -> None:
    engines[0].identity.create_user("bert", "Bert Desk", actor=ENGINE, roles=["staff"])
    people = [engines[0].identity.actor(name) for name in ("anna", "bert")]
    runs = [mapped(engines[0], actor) for actor in people]
    outcomes = at_once(
        lambda: to_the_end(engines[0], runs[0], people[0]), lambda: to_the_end(engines[1], runs[1], people[1])
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert titles(engines[0]) == TAKEN
    first, second = (outcome.result.counts for outcome in outcomes)
    assert first.taken + second.taken == ROWS + 2
    assert first.taken + first.already == second.taken + second.already == ROWS + 2


def test_a_stop_holds_whoever_is_at_work(engines: list[ProcessEngine]) -> None:
    anna = engines[0].identity.actor("anna")
    run = mapped(engines[0], anna, "Title\n" + "".join(f"piece {number}\n" for number in range(400)))

    def stop() -> None:
        runs = engines[2].import_runs
        while not runs.get(run.id, anna).counts.taken:
            pass
        runs.stop(runs.get(run.id, anna))

    outcomes = at_once(*(lambda engine=engine: to_the_end(engine, run, anna, 60) for engine in engines[:2]), stop)
    assert [outcome.error for outcome in outcomes] == [None] * 3
    stopped = engines[0].import_runs.get(run.id, anna)
    assert stopped.state == "stopped"
    assert titles(engines[0]).total() == stopped.counts.taken < 400
    engines[1].import_runs.begin(stopped, CHOSEN)
    done = to_the_end(engines[1], stopped, anna)
    assert done.counts.taken == 400
    assert set(titles(engines[0]).values()) == {1}


def test_a_process_that_ended_leaves_nothing_behind_but_what_is_saved(engines: list[ProcessEngine]) -> None:
    """Where a file stands is kept in memory between requests; another process finds it out anew, twins included."""
    anna = engines[0].identity.actor("anna")
    run = mapped(engines[0], anna, "Title\ntwin\ntwin\ntwin\nlamp\n")
    for _ in range(4):
        fresh = ImportRuns(engines[0].database, engines[0].clock)
        into = target(engines[0], run.target, anna)
        fresh.advance(run.id, into, CHOSEN, actor=anna, seconds=0)
    assert to_the_end(engines[0], run, anna).counts.taken == 4
    assert titles(engines[0]) == {"twin": 3, "lamp": 1}


def test_a_request_that_breaks_off_is_made_good_by_the_next(
    engines: list[ProcessEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = engines[0].identity.actor("anna")
    run = mapped(engines[0], anna, "Title,Note\nlamp,\n,\ntable,\nchair,\n")
    real = engines[0].runtime.start
    calls = iter((None, None, MemoryError))

    def start(*arguments: object, **named: object) -> object:
        if failing := next(calls, None):
            raise failing
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(engines[0].runtime, "start", start)
    with pytest.raises(MemoryError):
        to_the_end(engines[0], run, anna, 5)
    counts = to_the_end(engines[0], run, anna, 5).counts
    assert (counts.taken, counts.already, counts.refused) == (3, 0, 1)
    assert titles(engines[0]) == {"lamp": 1, "table": 1, "chair": 1}
