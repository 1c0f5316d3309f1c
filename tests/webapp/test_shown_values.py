"""The page of a task sends back what its form was filled with: answers count as changes of that (decision 22)."""

import json
from typing import Any

import pytest

from engine.types import ENGINE, Json
from tests.bpmn_models import end, flows, gateway, process, start, user_task
from tests.webapp.site import Page, Site, Visitor
from webapp.form_view import MOST_SHOWN

TEXT = {"type": "textfield", "label": "Name"}
ROWS = {"type": "dynamiclist", "path": "rows", "label": "Rows", "components": [{**TEXT, "key": "name"}]}
NOTE = {"type": "textarea", "key": "note", "label": "Note", "validate": {"maxLength": 100_000}}
TICKS = {
    "type": "checklist",
    "key": "ticks",
    "label": "Ticks",
    "values": [{"label": each.upper(), "value": each} for each in "abc"],
}
MUST = {**TEXT, "key": "must", "label": "Must", "validate": {"required": True}}
WHO = {"type": "group", "path": "who", "label": "Who", "components": [{**TEXT, "key": "mail"}]}
NAMES = ("mine", "one", "two")


def form(key: str, *parts: dict[str, Any]) -> bytes:
    return json.dumps({"type": "default", "id": key, "schemaVersion": 19, "components": parts}).encode()


def begin(site: Site, *, variable: str | None = None, whose: str = "anna", **data: Json) -> dict[str, str]:
    """Start a case with tasks side by side, the first of which is `whose`, and set `data`; return ids by element."""
    kept = {"formVariable": variable} if variable else {}
    shared: list[dict[str, Any]] = [ROWS, NOTE, TICKS, WHO]
    mine = user_task("mine", "Mine", assignee=whose, formRef="m", properties=kept)
    others = [user_task(name, candidateGroups="desk", formRef="f", properties=kept) for name in NAMES[1:]]
    model = process(
        "p",
        start(),
        gateway("split", "parallel"),
        mine,
        *others,
        gateway("join", "parallel"),
        user_task("z", candidateGroups="desk"),
        end(),
        flows("s", "split", "mine", "join", "z", "e"),
        *(flows("split", name, "join") for name in NAMES[1:]),
        properties={"ownerGroup": "owners"},
        candidateStarterGroups="staff",
    )
    files = {"p.bpmn": model, "f.form": form("f", *shared), "m.form": form("m", *shared, MUST)}
    site.engine.repository.deploy(files, name="test", actor=ENGINE)
    case = site.engine.runtime.start("p", {}, actor=ENGINE)
    if data:
        site.engine.mending.change_variables(case.id, data, reason="For the test", actor=ENGINE)
    return {task.element_id: task.id for task in site.engine.history.case(case.id, ENGINE).tasks} | {"case": case.id}


def do(site: Site, task: str, **values: Json) -> None:
    site.engine.tasks.complete(task, values, actor=ENGINE)


def rows(*names: str) -> dict[str, str]:
    """Return the rows as a browser sends them."""
    return {f"rows.{index}.name": name for index, name in enumerate(names)} | {"must": "x"}


def named(*names: str) -> list[Json]:
    return [{"name": name} for name in names]


def data(site: Site, tasks: dict[str, str]) -> dict[str, Json]:
    """Return what the case has, once all tasks but the last are done."""
    open_ones = {task.element_id: task.id for task in site.engine.history.case(tasks["case"], ENGINE).tasks}
    for name, task in open_ones.items():
        if name in NAMES:
            do(site, task)
    (last,) = site.engine.history.case(tasks["case"], ENGINE).tasks
    return dict(site.engine.tasks.get(last.id, ENGINE).context)


def hand_in(anna: Visitor, page: Page, task: str, values: dict[str, Any], status: int = 303) -> Page:
    """Send the page's hidden fields with `values` in the place of what else it shows."""
    shown = page.form(f"/tasks/{task}").items()
    hidden = {name: value for name, value in shown if name.startswith(("_", "csrf"))}
    return anna.post(f"/tasks/{task}", {**hidden, **values}, status)


@pytest.mark.parametrize("variable", [None, "kept"], ids=["by themselves", "in one variable"])
def test_who_adds_to_what_the_page_showed_adds_once(site: Site, anna: Visitor, variable: str | None) -> None:
    tasks = begin(site, variable=variable)
    do(site, tasks["one"], rows=named("first"))
    page = anna.get(f"/tasks/{tasks['mine']}")
    do(site, tasks["two"], rows=named("first", "second"))
    hand_in(anna, page, tasks["mine"], rows("first", "third"))
    found = data(site, tasks)
    assert (found if variable is None else found[variable])["rows"] == named("first", "second", "third")


def test_who_takes_away_what_the_page_showed_takes_it_away(site: Site, anna: Visitor) -> None:
    tasks = begin(site, rows=named("first"))
    do(site, tasks["one"], rows=named("first", "second"), ticks=["a", "b"])
    page = anna.get(f"/tasks/{tasks['mine']}")
    hand_in(anna, page, tasks["mine"], {**rows("first"), "ticks": "b"})
    found = data(site, tasks)
    assert (found["rows"], found["ticks"]) == (named("first"), ["b"])


def test_a_form_that_is_shown_again_was_made_from_what_it_showed_first(site: Site, anna: Visitor) -> None:
    tasks = begin(site)
    do(site, tasks["one"], rows=named("first"))
    page = anna.get(f"/tasks/{tasks['mine']}")
    do(site, tasks["two"], rows=named("first", "second"))
    said = page.form("/tasks/")["_shown_values"]
    page = hand_in(anna, page, tasks["mine"], {**rows("first", "third"), "must": ""}, status=422)
    assert page.form("/tasks/")["_shown_values"] == said
    page = hand_in(anna, page, tasks["mine"], {**rows("first", "third"), "_add": "rows"}, status=200)
    assert page.form("/tasks/")["_shown_values"] == said
    hand_in(anna, page, tasks["mine"], rows("first", "third"))
    assert data(site, tasks)["rows"] == named("first", "second", "third")


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[1]",
        "null",
        '{"note": NaN}',
        '{"note": 1, "note": 1}',
        "[" * 5_000,
        '{"note": "\\u0000"}',
        "9" * 5_000,
        f'{{"note": "{"x" * MOST_SHOWN}"}}',
    ],
    ids=range(9),
)
def test_what_was_damaged_on_its_way_is_refused_and_mends_itself(site: Site, anna: Visitor, damaged: str) -> None:
    tasks = begin(site)
    page = anna.get(f"/tasks/{tasks['mine']}")
    sent = {**rows("mine"), "_shown_values": damaged}
    again = hand_in(anna, page, tasks["mine"], sent, status=422)
    assert "damaged on its way" in again.text
    hand_in(anna, again, tasks["mine"], rows("mine"))
    assert data(site, tasks)["rows"] == named("mine")


def test_a_page_that_says_nothing_is_as_the_task_was_opened(site: Site, anna: Visitor) -> None:
    tasks = begin(site)
    do(site, tasks["one"], rows=named("first"))
    page = anna.get(f"/tasks/{tasks['mine']}")
    hand_in(anna, page, tasks["mine"], {**rows("first", "third"), "_shown_values": ""})
    assert data(site, tasks)["rows"] == named("first", "third")


def test_what_is_long_is_not_sent_twice(site: Site, anna: Visitor) -> None:
    tasks = begin(site, rows=named("first"), note="x" * MOST_SHOWN)
    page = anna.get(f"/tasks/{tasks['mine']}")
    assert json.loads(page.form("/tasks/")["_shown_values"][0]) == {"rows": named("first")}
    hand_in(anna, page, tasks["mine"], {**rows("first"), "note": "short"})
    assert data(site, tasks)["note"] == "short"


def test_what_a_page_sends_is_never_more_than_it_may_send(site: Site, anna: Visitor) -> None:
    # Each by itself has room, and so would both without what stands between and around them.
    room = MOST_SHOWN - len('"rows": [{"name": "first"}]') - len('"note": ""')
    tasks = begin(site, rows=named("first"), note="x" * room)
    page = anna.get(f"/tasks/{tasks['mine']}")
    assert len(page.form("/tasks/")["_shown_values"][0]) <= MOST_SHOWN
    hand_in(anna, page, tasks["mine"], {**rows("first"), "note": "short"})
    assert data(site, tasks)["note"] == "short"


def test_a_page_tells_its_reader_no_more_than_its_fields_do(site: Site, ines: Visitor) -> None:
    secret = "not for customers"
    partly: dict[str, Any] = {"rows": [{"name": "x", "secret": secret}], "who": {"mail": "m", "secret": secret}}
    tasks = begin(site, whose="ines", **partly, other=secret, ticks=[secret], note='</form>"x', must="y")
    page = ines.get(f"/tasks/{tasks['mine']}")
    assert secret not in page.response.text
    assert json.loads(page.form("/tasks/")["_shown_values"][0]) == {
        "who": {"mail": "m"},
        "note": '</form>"x',
        "must": "y",
    }
