"""What a page has shown is what its answers were made from, however long ago its task was opened (decision 22)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn import interpreter
from engine.bpmn.case import merging
from engine.bpmn.reading.executable import Executable
from tests.bpmn_cases import Running
from tests.bpmn_models import (
    element,
    end,
    flows,
    gateway,
    multi_instance,
    process,
    standard_loop,
    start,
    user_task,
)


def beside(*person: str, does: str = "a") -> Executable:
    """Return a process in which `person` (parts with the task `a`) works beside others, who do `o` time and again."""
    content = process(
        "p",
        start(),
        gateway("f", "parallel"),
        *person,
        user_task("o", inner=standard_loop("goon")),
        gateway("j", "parallel"),
        user_task("z"),
        end(),
        flows("s", "f", does, "j", "z", "e"),
        flows("f", "o", "j"),
    )
    return Running(content).executable


INSTANCE = element(
    "subProcess",
    "x",
    inner=multi_instance(cardinality="1") + start("is") + user_task("a") + end("ie") + flows("is", "a", "ie"),
)
PLAIN, INSTANCES = beside(user_task("a")), beside(INSTANCE, does="x")
BOTH = pytest.mark.parametrize("model", [PLAIN, INSTANCES], ids=["beside", "in an instance"])


def running(model: Executable, **variables: Any) -> Running:
    return Running(model).start(goon=True, **variables)


def page(case: Running) -> dict[str, Any]:
    """Return what the page of the person's task shows when it is loaded now."""
    return {name: value for name, value in case.sees("a").items() if name != "goon"}


@BOTH
def test_what_was_there_when_the_page_was_loaded_counts_once(model: Executable) -> None:
    case = running(model, v=[]).do("o", v=[3])
    shown = page(case)
    case.do("o", v=[3, 6]).do("a", page=shown, v=[3, 5])
    assert (case.data["v"], case.step.warnings) == ([3, 6, 5], ())


@BOTH
def test_what_a_page_showed_can_be_taken_away(model: Executable) -> None:
    case = running(model, v=[3]).do("o", v=[3, 6])
    case.do("a", page=page(case), v=[3])
    assert (case.data["v"], case.step.warnings) == ([3], ())


@BOTH
def test_a_value_that_a_page_showed_can_be_set_back(model: Executable) -> None:
    case = running(model, v=0).do("o", v=1)
    case.do("a", page=page(case), v=0)
    assert (case.data["v"], case.step.warnings) == (0, ())


def test_what_a_page_showed_is_overwritten_without_a_word() -> None:
    case = running(PLAIN, v=0).do("o", v=1)
    case.do("a", page=page(case), v=2)
    assert (case.data["v"], case.step.warnings) == (2, ())


def test_what_came_after_a_page_was_loaded_is_overwritten_with_a_word() -> None:
    case = running(PLAIN, v=0)
    shown = page(case)
    case.do("o", v=1).do("a", page=shown, v=2)
    assert case.data["v"] == 2
    assert case.step.warnings == ("'a' overwrote a change that a parallel branch had made to 'v'.",)


def test_without_a_page_the_task_is_as_it_was_opened() -> None:
    case = running(PLAIN, v=[3]).do("o", v=[3, 6]).do("a", v=[3, 5])
    assert case.data["v"] == [3, 6, 5]


def test_of_what_the_form_does_not_bring_nothing_is_believed() -> None:
    case = running(PLAIN, v=0, w=0).do("o", v=1).do("a", page={"v": 1, "goon": 7, "no": 1}, w=1)
    assert (case.data["v"], case.data["w"], "no" in case.data) == (1, 1, False)


def test_who_lies_about_a_page_wins_or_loses_an_own_answer_and_no_more() -> None:
    for lie in (0, 1, 2, [9], {"a": 9}, None):
        case = running(PLAIN, v=0, w=0).do("o", v=1).do("a", page={"v": lie}, v=2, w=1)
        assert (case.data["v"] in (1, 2), case.data["w"]) == (True, 1)


def test_parts_that_a_page_did_not_show_are_as_the_task_was_opened() -> None:
    shown = {"seen": 1}
    case = running(PLAIN, v={"seen": 0, "unseen": 0}).do("o", v={"seen": 1, "unseen": 1})
    case.do("a", page={"v": shown}, v={"seen": 0})
    assert case.data["v"] == {"seen": 0}
    assert case.step.warnings == ("'a' overwrote a change that a parallel branch had made to 'v.unseen'.",)
    assert merging.as_shown({"a": {"b": 1, "c": 1}, "d": 1}, {"a": {"b": 2}}) == {"a": {"b": 2, "c": 1}, "d": 1}
    assert merging.as_shown([1], {"a": 1}) == {"a": 1}


@BOTH
@given(data=st.data())
def test_whoever_changes_a_list_that_a_page_showed_changes_that(model: Executable, data: st.DataObject) -> None:
    """Items are numbered, so that each is known: equal ones that both add in one place may count as one."""
    numbers = iter(range(100))
    opened = [next(numbers) for _ in range(data.draw(st.integers(0, 3)))]
    case = running(model, v=opened)

    def others_write() -> None:
        for adds in data.draw(st.lists(st.booleans(), max_size=3)):
            now = case.sees("o")["v"]
            gone = None if adds or not now else data.draw(st.sampled_from(now))
            case.do("o", v=[*now, next(numbers)] if adds else [item for item in now if item != gone])

    others_write()
    shown = page(case)["v"]
    others_write()
    now = case.sees("o")["v"]
    added = [next(numbers) for _ in range(data.draw(st.integers(0, 2)))]
    removed = data.draw(st.sampled_from(shown)) if shown and data.draw(st.booleans()) else None
    kept = [item for item in shown if item != removed]
    case.do("a", page={"v": shown}, v=[*kept, *added])
    result = case.data["v"]
    assert len(result) == len(set(result)), "nothing is doubled"
    assert removed not in result, "what was taken away is away"
    assert result[len(result) - len(added) :] == added, "what was added is there once, at the end"
    lost = set(now) - set(result) - {removed}
    back = set(result) - set(now) - set(added)
    if not (lost or back):
        return
    said = [text for text in case.step.warnings if "overwrote a change that a parallel branch had made to 'v'" in text]
    assert said, "what is lost of the others' changes is said"
    assert removed is not None or now[: len(shown)] != shown, "and only where either has taken something away"


@BOTH
@given(st.lists(st.booleans(), max_size=6), st.integers(0, 6))
def test_whoever_adds_to_what_a_page_showed_adds_once_and_loses_nothing(
    model: Executable, others: list[bool], loaded: int
) -> None:
    case, shown, added = running(model, v=[]), None, []
    for number, adds in enumerate([*others, False]):
        if number == min(loaded, len(others)):
            shown = page(case)["v"]
        if number < len(others):
            added += [number] if adds else []
            case.do("o", **({"v": [*case.sees("o")["v"], number]} if adds else {}))
    assert shown is not None
    case.do("a", page={"v": shown}, v=[*shown, "mine"])
    assert (case.data["v"], case.step.warnings) == ([*added, "mine"], ())


def test_a_page_that_is_no_data_is_refused() -> None:
    case = running(PLAIN, v=0)
    with pytest.raises(Exception, match="not a number"):
        interpreter.complete(
            case.executable,
            case.step.state,
            case.task("a").task_id,
            {"v": 1},
            case.context,
            shown_values={"v": float("nan")},
        )
