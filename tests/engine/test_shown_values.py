"""A completion says what its page was filled with: its answers are merged as changes of that (decision 22)."""

import math

import pytest

from engine.errors import InputRefused, StepFailed
from engine.types import Json
from tests.bpmn_models import end, flows, gateway, process, script, start, user_task
from tests.engine.stage import ANN, BEN, OWEN, OWNER, STARTERS, Stage, at_once, form

ROWS = {
    "type": "dynamiclist",
    "path": "rows",
    "label": "Rows",
    "components": [{"type": "textfield", "key": "name", "label": "Name"}],
}
EVERYWHERE = pytest.mark.parametrize("variable", [None, "kept"], ids=["by themselves", "in one variable"])


def deploy(stage: Stage, variable: str | None = None) -> None:
    """Deploy a process of tasks side by side, whose forms have rows, in `variable` if that is given."""
    names = ["a", "b", "c", "d"]
    kept = {} if variable is None else {"formVariable": variable}
    tasks = [user_task(name, candidateGroups="analysts", formRef="f", properties=kept) for name in names]
    divide = script("x", "result = 100 / divisor")
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="g"),
            gateway("split", "parallel"),
            *tasks,
            divide,
            gateway("join", "parallel"),
            user_task("z", candidateGroups="analysts"),
            end(),
            flows("s", "split", "a", "x", "join", "z", "e"),
            *(flows("split", name, "join") for name in names[1:]),
            properties=OWNER,
            **STARTERS,
        ),
        f__form=form("f", ROWS, "note"),
        g__form=form("g", {"type": "number", "key": "divisor", "label": "Divisor"}),
    )


def named(*names: str) -> list[Json]:
    return [{"name": name} for name in names]


def rows(stage: Stage, variable: str | None) -> Json:
    """Return the rows as the case has them."""
    data = stage.engine.tasks.get(stage.task("z").id, ANN).context
    return data["rows"] if variable is None else data[variable]["rows"]


@EVERYWHERE
def test_a_completion_may_say_what_its_page_was_filled_with(stage: Stage, variable: str | None) -> None:
    deploy(stage, variable)
    stage.start(divisor=1)
    stage.do("b", rows=named("b"))
    page = stage.engine.tasks.get(stage.task("a").id, ANN)
    assert page.values["rows"] == named("b")
    stage.do("c", rows=named("b", "c"))
    answers = {"rows": named("b", "a")}
    stage.engine.tasks.complete(page.id, answers, actor=ANN, shown_values=page.values)
    page = stage.engine.tasks.get(stage.task("d").id, ANN)
    stage.engine.tasks.complete(page.id, {"rows": named("b", "a")}, actor=ANN, shown_values=page.values)
    assert rows(stage, variable) == named("b", "a"), "nothing is doubled, and what was seen can be taken away"


@EVERYWHERE
def test_those_who_add_to_what_they_were_shown_at_once_each_add_once(stage: Stage, variable: str | None) -> None:
    deploy(stage, variable)
    stage.start(divisor=1)
    stage.do("a", rows=named("first"))
    pages = [stage.engine.tasks.get(stage.task(name).id, ANN) for name in "bcd"]
    outcomes = at_once(
        *(
            lambda page=page: stage.engine.tasks.complete(
                page.id, {"rows": named("first", page.element_id)}, actor=ANN, shown_values=page.values
            )
            for page in pages
        )
    )
    assert [each.error for each in outcomes] == [None] * 3
    found = rows(stage, variable)
    assert (found[0], sorted(row["name"] for row in found)) == ({"name": "first"}, ["b", "c", "d", "first"])


def test_what_a_page_showed_is_kept_until_the_step_can_run(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(divisor=0)
    stage.do("b", rows=named("b"))
    page = stage.engine.tasks.get(stage.task("a").id, ANN)
    with pytest.raises(StepFailed) as caught:
        stage.engine.tasks.complete(page.id, {"rows": named("b", "a")}, actor=ANN, shown_values=page.values)
    stage.do("c", rows=named("b", "c"))
    stage.engine.mending.change_variables(case.id, {"divisor": 1}, reason="Typed wrongly", actor=OWEN)
    assert caught.value.failure_id is not None
    stage.engine.management.retry(caught.value.failure_id, actor=OWEN)
    stage.do("d")
    assert rows(stage, None) == named("b", "c", "a")


def test_what_a_page_cannot_have_shown_is_refused_and_leaves_no_failure(stage: Stage) -> None:
    deploy(stage)
    stage.start(divisor=1)
    for wrong in (math.nan, "\0", 2**80):
        with pytest.raises(InputRefused) as caught:
            stage.engine.tasks.complete(stage.task("a").id, {}, actor=BEN, shown_values={"note": wrong})
        assert set(caught.value.messages) == {"shown_values"}
    assert stage.count("failure") == 0
    stage.engine.tasks.complete(stage.task("a").id, {}, actor=BEN, shown_values={"rows": "odd", "other": 1})
