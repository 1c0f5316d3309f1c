"""How many statements a page takes: the same for a long list as for a short one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from tests.webapp.site import Site, Visitor

PAGES = ["/tasks", "/cases?show=all", "/registers/wishes", "/outbox", "/processes", "/performance", "/failures"]


@contextmanager
def counted(site: Site) -> Iterator[list[str]]:
    """Collect the statements that run inside the block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(site.engine.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(site.engine.database.engine, "before_cursor_execute", note)


def cost(site: Site, visitor: Visitor, path: str) -> int:
    visitor.get(path)  # fills the caches of definitions and forms
    with counted(site) as seen:
        visitor.get(path)
    return len(seen)


@pytest.mark.parametrize("path", PAGES)
def test_a_list_costs_the_same_however_long(site: Site, petra: Visitor, path: str) -> None:
    desk = site.engine.identity.actor("anna")

    def add(number: int) -> None:
        for count in range(number):
            case = site.wish(f"Wish {count}", by="ines" if count % 2 else "omar")
            if count % 3 == 0:
                site.engine.tasks.complete(site.task_of(case), {"decision": "yes"}, actor=desk)

    add(4)
    few = cost(site, petra, path)
    add(20)
    assert cost(site, petra, path) == few
    assert few <= 16


def test_the_worklist_costs_little(site: Site, anna: Visitor) -> None:
    for _ in range(30):
        site.wish()
    assert cost(site, anna, "/tasks") <= 12


def test_a_case_page_costs_the_same_however_much_happened(site: Site, anna: Visitor) -> None:
    case = site.wish()
    path = f"/cases/{case.id}"
    actor = site.engine.identity.actor("anna")
    site.engine.runtime.comment(case.id, "One", "staff", actor=actor)
    task = site.task_of(case)
    site.engine.tasks.claim(task, actor=actor)
    few = cost(site, anna, path)
    for number in range(20):
        site.engine.runtime.comment(case.id, f"Number {number}", "staff", actor=actor)
        site.engine.tasks.release(task, actor=actor)
        site.engine.tasks.claim(task, actor=actor)
    assert cost(site, anna, path) == few
    assert few <= 30


def test_a_task_page_costs_little(site: Site, anna: Visitor) -> None:
    task = site.task_of(site.wish())
    assert cost(site, anna, f"/tasks/{task}") <= 40


def test_handing_a_task_in_reads_the_task_and_the_person_once(site: Site, anna: Visitor) -> None:
    paths = [f"/tasks/{site.task_of(site.wish())}" for _ in range(2)]
    first, second = (anna.get(path) for path in paths)
    anna.send(first, paths[0], {"decision": "yes"})  # fills the caches of definitions and forms
    with counted(site) as seen:
        anna.send(second, paths[1], {"decision": "yes"})
    assert len([each for each in seen if "user_account" in each]) == 1
    assert len([each for each in seen if each.startswith("SELECT") and "user_task" in each]) == 1
    assert len(seen) <= 24


def test_starting_a_case_reads_the_process_and_the_person_once(site: Site, ines: Visitor) -> None:
    path, words = "/start/handle_wish", {"title": "A shed", "details": ""}
    ines.send(ines.get(path), path, words)  # fills the caches of definitions and forms
    page = ines.get(path)
    with counted(site) as seen:
        ines.send(page, path, words)
    assert len([each for each in seen if "user_account" in each]) == 1
    assert len([each for each in seen if each.startswith("SELECT") and "process_definition" in each]) == 1
