"""Data are the scope's: branches share them, and no write is lost without a word."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.case.merging import ABSENT, merge, same
from tests.bpmn_cases import Running
from tests.bpmn_models import boundary, end, flows, gateway, process, script, start, timer, user_task

BRANCHES = process(
    "p",
    start(),
    gateway("g", "parallel"),
    user_task("a"),
    user_task("b"),
    gateway("j", "parallel"),
    user_task("z"),
    end(),
    flows("s", "g", "a", "j", "z", "e"),
    flows("g", "b", "j"),
)
BUILT = Running(BRANCHES).executable

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"])
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
variables = st.dictionaries(st.sampled_from(["u", "v", "w"]), values, max_size=3)


def test_branches_that_change_different_variables_are_merged() -> None:
    case = Running(BUILT).start(u=0).do("a", v=1).do("b", w=2)
    assert case.data == {"u": 0, "v": 1, "w": 2}
    assert case.step.warnings == ()


def test_a_branch_sees_at_once_what_another_has_done() -> None:
    assert Running(BUILT).start().do("a", v=1).sees("b") == {"v": 1}


def test_lists_to_which_both_branches_add_keep_both() -> None:
    """SpiffWorkflow keeps one of them."""
    case = Running(BUILT).start(log=["start"]).do("a", log=["start", "x"]).do("b", log=["start", "y"])
    assert case.data["log"] == ["start", "x", "y"]
    assert case.step.warnings == ()


def test_what_a_page_showed_of_another_branch_is_there_once() -> None:
    case = Running(BUILT).start(log=["start"]).do("a", log=["start", "x"])
    assert case.do("b", log=[*case.sees("b")["log"], "y"]).data["log"] == ["start", "x", "y"]


def test_the_branch_that_ends_later_wins_and_it_is_said() -> None:
    case = Running(BUILT).start(v=0).do("a", v=1).do("b", v=2)
    assert case.data["v"] == 2
    assert case.step.warnings == ("'b' overwrote a change that a parallel branch had made to 'v'.",)


def test_what_a_form_brings_back_unchanged_overwrites_nothing_and_it_is_said() -> None:
    case = Running(BUILT).start(v=0).do("a", v=1).do("b", v=0)
    assert case.data["v"] == 1
    assert case.step.warnings == (
        "'b' brought 'v' back as it was before a parallel branch changed it; the change was kept.",
    )


def test_after_a_join_overwriting_is_no_conflict() -> None:
    case = Running(BUILT).start(v=0).do("a", v=1).do("b").do("z", v=5)
    assert (case.data["v"], case.step.warnings) == (5, ())


def test_a_script_that_overwrites_unread_what_another_branch_wrote_is_said() -> None:
    def parallel(second: str) -> bytes:
        return process(
            "p",
            start(),
            gateway("g", "parallel"),
            script("a", "v = 1"),
            script("b", second),
            gateway("j", "parallel"),
            user_task("z"),
            end(),
            flows("s", "g", "a", "j", "z", "e"),
            flows("g", "b", "j"),
        )

    blind = Running(parallel("v = 2")).start(v=0)
    assert (blind.data["v"], len(blind.step.warnings)) == (2, 1)
    knowing = Running(parallel("v = v + 1")).start(v=0)
    assert (knowing.data["v"], knowing.step.warnings) == (2, ())


def test_a_task_that_opens_later_has_seen_what_was_there() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        boundary("b", "a", timer("Cycle", "R/PT1H"), interrupting=False),
        user_task("late"),
        end(),
        flows("s", "a", "e"),
        flows("b", "late", "e"),
    )
    case = Running(content).start(v=0)
    case.now = case.step.timers[0].due_at
    case.fire(case.step.timers[0].task_id).do("late", v=1)
    case.now = case.step.timers[0].due_at
    case.fire(case.step.timers[0].task_id).do("late", v=2)
    assert case.step.warnings == (), "the second reminder saw what the first wrote"
    case.do("a", v=3)
    assert len(case.step.warnings) == 1


def _changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in after if name not in before or not same(before[name], after[name])}


def _paths(value: Any, place: str) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        return {path: leaf for name, part in value.items() for path, leaf in _paths(part, f"{place}.{name}").items()}
    return {place: value}


@given(before=variables, first=variables, second=variables)
def test_no_write_of_either_branch_is_lost_without_a_word(
    before: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    case = Running(BUILT).start(**before).do("a", **first).do("b", **second)
    said = " ".join(case.step.warnings)
    for writer in (first, second):
        for name in _changed(before, writer):
            result = case.data[name]
            for path, leaf in _paths(writer[name], name).items():
                base = _paths(before.get(name, ABSENT), name).get(path, ABSENT)
                if same(leaf, base) or any(f"'{_prefix}'" in said for _prefix in _prefixes(path)):
                    continue
                found = _paths(result, name).get(path, ABSENT)
                kept_in_list = (
                    isinstance(leaf, list) and isinstance(found, list) and all(item in found for item in leaf)
                )
                into_context = leaf == {} and isinstance(_at(result, path, name), dict)
                assert same(found, leaf) or kept_in_list or into_context, (path, leaf, found)


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _at(value: Any, path: str, name: str) -> Any:
    for part in path.removeprefix(name).split(".")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value


@given(base=values, ours=values, theirs=values)
def test_a_change_of_one_side_only_stands(base: Any, ours: Any, theirs: Any) -> None:
    assert same(merge(base, base, ours).value, ours)
    kept = merge(base, theirs, base)
    assert same(kept.value, theirs)
    assert same(merge(base, ours, ours).value, ours)


@given(base=st.lists(scalars, max_size=3), ours=st.lists(scalars, max_size=3), theirs=st.lists(scalars, max_size=3))
def test_additions_to_a_list_are_all_there(base: list[Any], ours: list[Any], theirs: list[Any]) -> None:
    merged = merge(base, [*base, *theirs], [*base, *ours])
    if theirs and ours[: len(theirs)] == theirs:
        assert same(merged.value, [*base, *ours]) or not same(ours[: len(theirs)], theirs)
    elif ours and not same(ours, theirs):
        assert merged.value == [*base, *theirs, *ours] or not theirs
    assert merged.overwritten == []


def test_one_and_true_are_not_the_same() -> None:
    assert not same([1], [True])
    assert not same({"a": 0}, {"a": False})
    assert same(1, 1.0)


def test_the_newer_version_of_a_record_stands() -> None:
    old, new = ({"register": "need", "id": "N-1", "version": version} for version in (1, 2))
    assert merge(ABSENT, new, old).value == new
    assert merge(ABSENT, old, new).value == new
