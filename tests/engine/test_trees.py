"""All cases that stem from one are bounded, by process; however many one case starts itself is nobody's business."""

import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from engine.persistence import schema
from engine.persistence import statements as sql
from engine.steps import chains
from engine.types import ENGINE
from tests.bpmn_models import (
    catch,
    end,
    flows,
    message,
    message_event,
    multi_instance,
    process,
    send_task,
    signal,
    signal_event,
    start,
    timer,
)
from tests.bpmn_models import throw as throws
from tests.engine.stage import ANN, MORNING, OWEN, OWNER, STARTERS, Stage, at_once
from tests.engine.test_cost import counted
from tests.engine.test_due_indexes import filled, plan_of

NAMES = ("k", "l", "m")
AROUND = "".join(message(name, f"to {name}") for name in NAMES) + signal("n", "news")


def sender(key: str, sends: Sequence[str], *, takes: str | None = None, after: str = "") -> bytes:
    """Return a process that sends the messages `sends`, `after` a duration; it `takes` one, or a person starts it."""
    begin = start("s", message_event(takes)) if takes else start()
    wait = [catch("w", timer("Duration", after))] if after else []
    parts = [send_task(f"x{number}", name) for number, name in enumerate(sends)]
    way = ["s", *(["w"] if after else []), *(f"x{number}" for number in range(len(sends))), "e"]
    return process(key, begin, *wait, *parts, end(), flows(*way), around=AROUND, properties=OWNER, **STARTERS)


def deploy(stage: Stage, **files: bytes) -> None:
    named = {f"{key}.bpmn": content for key, content in files.items()}
    stage.engine.repository.deploy(named, name="test", actor=ENGINE)


def begin(stage: Stage, name: str = "k") -> None:
    stage.engine.runtime.send_message(f"to {name}", None, None, actor=ANN)


def send_by(stage: Stage, case_id: str, name: str = "l") -> None:
    """Write a message as if a case had sent it."""
    row = {"name": f"to {name}", "received_at": MORNING, "received_from": "engine", "expires_at": MORNING}
    with stage.engine.database.write() as connection:
        more = {"id": uuid.uuid4().hex, "state": "waiting", "sender_id": case_id, "attempts": 0}
        connection.execute(sql.INBOX.insert(), [{**row, **more}])


def drain(stage: Stage) -> None:
    """Let all be done that is due, however long it takes."""
    while stage.engine.management.run_due(1000):
        pass


def started(stage: Stage, key: str) -> list[int]:
    """Return how many cases of a process are in each place, from the first on."""
    rows = stage.rows(
        "SELECT chain, count(*) AS n FROM process_instance WHERE definition_key = :key GROUP BY chain ORDER BY chain",
        key=key,
    )
    assert [row.chain for row in rows] == list(range(rows[0].chain, rows[0].chain + len(rows)))
    return [row.n for row in rows]


def failures(stage: Stage) -> int:
    found: int = stage.value("SELECT count(*) FROM inbox_message WHERE state = 'failed'")
    return found


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A smaller bound, for tests that are to end soon."""
    monkeypatch.setattr(chains, "LARGEST", 15)
    return 15


def test_a_process_of_which_each_case_starts_three_others_comes_to_an_end_that_says_why(stage: Stage, few: int) -> None:
    deploy(stage, p=sender("p", ["k"] * 3, takes="k"))
    begin(stage)
    drain(stage)
    assert sum(started(stage, "p")) == 1 + 3 + few
    assert failures(stage) == 3 * (1 + 3 + few) - (3 + few), "each one that was sent and started nothing"
    found = stage.engine.management.failed_starts(OWEN)
    assert f"{few} cases of this process stem from one case" in found[0].reason
    assert {(each.attempts, each.retry_at, each.element_id) for each in found} == {(1, None, "s")}
    stage.clock.pass_by(days=1)
    drain(stage)
    assert sum(started(stage, "p")) == 1 + 3 + few, "nothing is tried again by itself"


def test_the_bound_that_is_meant(stage: Stage) -> None:
    """A thousand: the last one of them is started."""
    deploy(stage, o=sender("o", ["k"]), p=sender("p", ["l"], takes="k"), q=sender("q", [], takes="l"))
    stage.start("o")
    drain(stage)
    (middle,) = stage.rows("SELECT id FROM process_instance WHERE chain = 1")
    with stage.engine.database.write() as connection:
        last = connection.execute(sa.select(sql.INSTANCE).where(sql.INSTANCE.c.chain == 2)).one()._asdict()
        more = [{**last, "id": f"more{number}", "number": f"more{number}"} for number in range(998)]
        connection.execute(sql.INSTANCE.insert(), more)
    for expected in ((1000, 0), (1000, 1)):
        send_by(stage, middle.id)
        drain(stage)
        assert (started(stage, "q"), failures(stage)) == ([expected[0]], expected[1])


def test_a_signal_that_several_take_who_throw_it_comes_to_an_end(stage: Stage, few: int) -> None:
    files = {
        key: process(
            key, start("s", signal_event("n")), throws("t", signal_event("n")), end(), flows("s", "t", "e"),
            around=AROUND, properties=OWNER,
        )
        for key in ("p", "q", "r")
    }  # fmt: skip
    deploy(stage, **files)
    stage.engine.runtime.throw_signal("news", actor=ANN)
    drain(stage)
    assert [sum(started(stage, key)) for key in files] == [1 + 3 + 3 * few] * 3, "the person's signal made three trees"


def test_as_many_as_one_case_starts_are_started(stage: Stage, few: int) -> None:
    """Also when it was started by another case itself and starts them by signals."""
    many = 2 * few
    all_at_once = multi_instance(cardinality=str(many))
    first = process(
        "o", start(), send_task("x", "k", inner=all_at_once), end(), flows("s", "x", "e"), around=AROUND,
        properties=OWNER, **STARTERS,
    )  # fmt: skip
    deploy(stage, o=first, p=sender("p", [], takes="k"))
    stage.start("o")
    drain(stage)
    assert started(stage, "p") == [many]
    assert failures(stage) == 0


def test_each_process_has_its_own_count(stage: Stage, few: int) -> None:
    """A list of customers that goes on from one process to the next is as long in each of them, and not too long."""
    deploy(
        stage,
        o=sender("o", ["k"] * few),
        p=sender("p", ["l"], takes="k"),
        q=sender("q", ["m"], takes="l"),
        r=sender("r", [], takes="m"),
    )
    stage.start("o")
    drain(stage)
    assert [started(stage, key) for key in "pqr"] == [[few]] * 3
    assert failures(stage) == 0


def test_trees_do_not_count_for_one_another(stage: Stage, few: int) -> None:
    deploy(stage, p=sender("p", ["k"] * 2, takes="k"))
    for _ in range(2):
        begin(stage)
        drain(stage)
    assert sum(started(stage, "p")) == 2 * (1 + 2 + few)


def test_who_tries_a_start_again_by_hand_begins_to_count_anew(stage: Stage, few: int) -> None:
    deploy(stage, p=sender("p", ["k"] * 2, takes="k"))
    begin(stage)
    drain(stage)
    failed = stage.engine.management.failed_starts(OWEN)[0]
    case = stage.engine.management.retry_start(failed.id, actor=OWEN)
    drain(stage)
    (row,) = stage.rows("SELECT chain, root_id FROM process_instance WHERE id = :id", id=case.id)
    assert (row.chain, row.root_id) == (0, None)
    assert sum(started(stage, "p")) == 2 * (1 + 2 + few)


def test_a_new_version_does_not_let_it_grow(stage: Stage, few: int) -> None:
    deploy(stage, p=sender("p", ["k"] * 2, takes="k"))
    begin(stage)
    drain(stage)
    deploy(stage, p=sender("p", ["k"] * 2, takes="k").replace(b'"x1"', b'"y1"').replace(b"x1_", b"y1_"))
    drain(stage)
    assert sum(started(stage, "p")) == 1 + 2 + few


def test_cases_that_take_their_time_are_each_the_first(stage: Stage, few: int) -> None:
    deploy(stage, p=sender("p", ["k"] * 2, takes="k", after="PT1H"))
    begin(stage)
    for _ in range(5):
        stage.clock.pass_by(hours=1)
        drain(stage)
    assert started(stage, "p") == [2**6 - 1]
    assert few < 2**6
    assert stage.value("SELECT count(*) FROM process_instance WHERE root_id IS NOT NULL") == 0


def test_all_that_stem_from_a_case_know_it(stage: Stage) -> None:
    deploy(stage, o=sender("o", ["k", "k"]), p=sender("p", ["l"], takes="k"), q=sender("q", [], takes="l"))
    case = stage.start("o")
    drain(stage)
    rows = stage.rows("SELECT definition_key AS k, chain, root_id FROM process_instance ORDER BY k, number")
    assert [tuple(row) for row in rows] == [("o", 0, None), *[("p", 1, case.id)] * 2, *[("q", 2, case.id)] * 2]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_starts_what_none_grows_beyond_the_bound(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The law: every message starts a case or has failed, and of each process the bound stem from the first case."""
    dice = random.Random(seed)  # noqa: S311 - a test is to be repeated
    most = dice.randint(1, 12)
    monkeypatch.setattr(chains, "LARGEST", most)
    sends = {name: dice.choices(NAMES, k=dice.randint(0, 3)) for name in NAMES}
    first = dice.choices(NAMES, k=dice.randint(1, 6))
    deploy(stage, o=sender("o", first), **{f"p{name}": sender(f"p{name}", sends[name], takes=name) for name in NAMES})
    stage.start("o")
    drain(stage)
    for name in NAMES:
        key = f"p{name}"
        near = stage.value("SELECT count(*) FROM process_instance WHERE definition_key = :key AND chain = 1", key=key)
        far = stage.value("SELECT count(*) FROM process_instance WHERE definition_key = :key AND chain > 1", key=key)
        assert near == first.count(name)
        assert far <= most
        refused = stage.value(
            "SELECT count(*) FROM inbox_message WHERE name = :name AND state = 'failed'", name=f"to {name}"
        )
        sent = stage.value("SELECT count(*) FROM inbox_message WHERE name = :name", name=f"to {name}")
        assert sent == near + far + refused
        if refused and stage.value("SELECT max(chain) FROM process_instance") < chains.LONGEST:
            assert far == most, "none fails while there is room"


def test_many_at_once_go_beyond_it_by_no_more_than_they_are(stage: Stage, few: int) -> None:
    """Nobody waits for anybody: who counts does not see what others are about to commit."""
    deploy(stage, p=sender("p", ["k"] * 3, takes="k"))
    begin(stage)
    workers = [stage, *(stage.another() for _ in range(3))]
    outcomes = at_once(*(partial(drain, each) for each in workers))
    assert [each.error for each in outcomes] == [None] * len(workers)
    drain(stage)
    cases = sum(started(stage, "p"))
    assert 1 + 3 + few <= cases <= 1 + 3 + few + len(workers) - 1
    assert failures(stage) == 3 * cases - (cases - 1), "each message started one case or failed"


def test_a_start_by_a_case_costs_one_statement_more_and_others_none(stage: Stage) -> None:
    deploy(stage, o=sender("o", ["k"]), p=sender("p", ["l"], takes="k"), q=sender("q", [], takes="l"))
    costs = []
    for first in (partial(begin, stage, "l"), partial(begin, stage, "k"), partial(stage.start, "o")):
        first()
        with counted(stage) as counts:
            first()
        costs.append(counts["statements"])
    alone, by_one, by_two = costs
    assert by_two - by_one <= by_one - alone + 1


def test_the_count_reads_an_index(stage: Stage) -> None:
    deploy(stage, o=sender("o", []))
    stage.start("o")
    with stage.engine.database.write() as connection:
        one = connection.execute(sa.select(sql.INSTANCE)).one()._asdict()
        more = [{**one, "id": f"c{n}", "number": f"c{n}", "root_id": f"r{n // 3}", "chain": 2} for n in range(999)]
        connection.execute(sql.INSTANCE.insert(), more)
        connection.execute(sa.text("ANALYZE process_instance"))
    plan = plan_of(stage, chains._TREE, {"root": "r5", "key": "o", "most": chains.LARGEST})
    assert "ix_process_instance_root" in plan


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_cases_of_before_are_brought_along(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}" if kind == "sqlite" else request.getfixturevalue("own_postgres_url")
    made = Stage(url)
    with made.engine.database.write() as connection:
        command.upgrade(schema.config(connection), "0009")
    later = MORNING + timedelta(days=1)
    with made.engine.database.write() as connection:
        tables = sa.MetaData()
        tables.reflect(connection, only=["process_instance", "process_definition", "inbox_message", "job"])
        facts = {"key": "x", "name": "x", "file": "x.bpmn"}
        given = {"deployment_id": "x", "resource_id": "x", "definition_id": "x", "facts": facts, "chain": 4}
        for name in ("deployment", "resource", "process_definition", "process_instance"):
            old = tables.tables[name]
            known = {key: value for key, value in given.items() if key in old.c}
            connection.execute(old.insert(), [filled(old, known)])
        for name in ("inbox_message", "job"):
            table = tables.tables[name]
            connection.execute(table.insert(), [filled(table, {"due_at": later} if name == "job" else {})])
    made.engine.migrate()
    deploy(made, p=sender("p", ["l"], takes="k"), q=sender("q", [], takes="l"))
    assert [tuple(row) for row in made.rows("SELECT root_id, roused_at FROM process_instance")] == [(None, None)]
    for name in ("inbox_message", "job"):
        assert made.value(f"SELECT hops FROM {name}") == 0  # noqa: S608 - a name of ours
    with made.engine.database.read() as connection:
        indexes = {each["name"] for each in sa.inspect(connection).get_indexes("process_instance")}
    assert "ix_process_instance_root" in indexes
    send_by(made, "x", "k")
    drain(made)
    rows = made.rows("SELECT chain, root_id FROM process_instance WHERE root_id IS NOT NULL ORDER BY chain")
    assert [tuple(row) for row in rows] == [(5, "x"), (6, "x")], "a row that was begun before goes on"
    made.close()
