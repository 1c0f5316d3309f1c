"""How many statements a page with forms takes: the same for many fields and records as for few."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from engine.types import ENGINE
from tests.engine.stage import form
from tests.webapp import laden
from tests.webapp.site import Site, Visitor
from tests.webapp.test_statements import cost, counted

FEW, MANY = (1, 2), (6, 12)
"""Records that a task shows, and fields of its form whose options stand in a register."""


@pytest.fixture
def site(site: Site) -> Site:
    laden.add_customers(site.engine, 20)
    return site


def test_a_task_is_read_in_as_many_statements_with_many_records(site: Site) -> None:
    anna = site.engine.identity.actor("anna")
    spent = []
    for records, fields in (FEW, MANY):
        laden.deploy(site.engine, records, fields)
        task = laden.begin(site.engine, records)
        site.engine.tasks.get(task, anna)
        with counted(site) as seen:
            assert len(site.engine.tasks.get(task, anna).reads) == records
        spent.append(len(seen))
    assert spent[0] == spent[1]


def test_the_page_of_a_task_takes_as_many_with_many_records_and_fields(site: Site, anna: Visitor) -> None:
    spent = []
    for records, fields in (FEW, MANY):
        laden.deploy(site.engine, records, fields)
        path = f"/tasks/{laden.begin(site.engine, records)}"
        page = anna.get(path)
        assert len(page.tree.xpath("//select[starts-with(@name, 'choice')]")) == fields
        assert [f"Customer {number}" in page.text for number in range(2 * records)] == [True] * 2 * records
        spent.append(cost(site, anna, path))
    assert spent[0] == spent[1]
    assert spent[0] <= 30


@contextmanager
def transactions(site: Site) -> Iterator[list[object]]:
    """Collect the transactions that begin inside the block."""
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    sa.event.listen(site.engine.database.engine, "begin", note)
    try:
        yield seen
    finally:
        sa.event.remove(site.engine.database.engine, "begin", note)


def test_all_that_fields_name_is_read_in_one_transaction(site: Site, anna: Visitor) -> None:
    begun = []
    for records, fields in (FEW, MANY):
        laden.deploy(site.engine, records, fields)
        path = f"/tasks/{laden.begin(site.engine, records)}"
        anna.get(path)
        with transactions(site) as seen:
            anna.get(path)
        begun.append(len(seen))
        pool = site.engine.database.engine.pool
        assert isinstance(pool, sa.QueuePool)
        assert pool.checkedout() == 0, "a connection that a page has used goes back with its request"
    assert begun[0] == begun[1]


def test_a_new_record_and_a_changed_one_take_as_many_with_many_fields(site: Site, petra: Visitor) -> None:
    spent = []
    for fields in (2, 12):
        site.engine.repository.deploy(_register(fields), name="Wide", actor=ENGINE)
        values = {"title": "A", **{f"choice{number}": f"c{number}" for number in range(fields)}}
        ref = site.engine.registers.save("wide", None, values, actor=ENGINE)
        place = f"/registers/wide/records/{ref.id}"
        spent.append([cost(site, petra, path) for path in ("/registers/wide/new", place, f"{place}/change")])
    assert spent[0] == spent[1]


def test_saving_a_record_takes_one_more_statement_for_each_that_it_names(site: Site) -> None:
    spent = []
    for fields in (2, 12):
        site.engine.repository.deploy(_register(fields), name="Wide", actor=ENGINE)
        values = {"title": "A", **{f"choice{number}": f"c{number}" for number in range(fields)}}
        site.engine.registers.save("wide", None, values, actor=ENGINE)
        with counted(site) as seen:
            site.engine.registers.save("wide", None, values, actor=ENGINE)
        spent.append(len(seen))
    assert spent[1] - spent[0] <= 10


def _register(fields: int) -> dict[str, bytes]:
    wide = "{key: wide, name: Wide, variable: wide, prefix: X, form: wide, title: title, readers: [staff],"
    wide += " maintainers: [owners]}"
    return {
        "registers.yaml": f"registers:\n  - {wide}\n".encode(),
        "wide.form": form("wide", "title", *(laden.naming(f"choice{number}") for number in range(fields))),
    }
