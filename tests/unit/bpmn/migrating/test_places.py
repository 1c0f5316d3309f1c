"""Where a token of one version stands in another: what fits, what blocks, and that a blocked case stays as it is."""

import pytest

from engine.bpmn import migrating
from engine.errors import CannotMove
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    receive_task,
    start,
    sub_process,
    timer,
    user_task,
)
from tests.unit.bpmn.migrating.moves import moved, place

NOTE = message("m", "note")


def line(*elements: str, names: str) -> bytes:
    """A process whose elements follow one another; `names` are their ids."""
    return process("p", start(), *elements, end(), flows("s", *names.split(), "e"), around=NOTE)


def inside(*elements: str, names: str, marker: str = "") -> bytes:
    sub = sub_process("sub", marker, start("is"), *elements, end("ie"), flows("is", *names.split(), "ie"))
    return line(sub, names="sub")


ONE = line(user_task("a", "Ask"), names="a")


def test_a_token_stays_at_the_element_with_its_id() -> None:
    case = Running(ONE).start(n=1)
    task = case.step.open_tasks[0]
    there = moved(case, line(user_task("a", "Ask again"), user_task("b"), names="a b"))
    assert [(each.task_id, each.name) for each in there.step.open_tasks] == [(task.task_id, "Ask again")]
    assert there.data == {"n": 1}
    assert there.do("a").open == ["b"]


def test_a_token_goes_where_the_operator_says() -> None:
    case = Running(line(user_task("a"), user_task("b"), names="a b")).start()
    task = case.step.open_tasks[0].task_id
    there = moved(case, line(user_task("c"), user_task("b"), names="c b"), mapping={"a": "c"})
    assert [(each.element_id, each.task_id) for each in there.step.open_tasks] == [("c", task)]
    assert there.do("c").open == ["b"]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (line(user_task("b"), names="b"), "the other version has no such element"),
        (line(receive_task("a", "m"), names="a"), "it is a receive task in the other version, not a user task"),
        (inside(user_task("a"), names="a"), "it stands in another sub-process, or outside of one"),
        (line(user_task("a", inner=multi_instance(cardinality="2")), names="a"), "it is done several times"),
    ],
)
def test_what_has_no_place_blocks_the_move(after: bytes, why: str) -> None:
    assert why in str(place(ONE, after, "a").blocks)
    case = Running(ONE).start()
    state = case.step.state
    with pytest.raises(CannotMove, match=why) as refused:
        moved(case, after)
    assert case.step.state == state
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"cardinality": "2"}, {"cardinality": "2", "sequential": True}, "in another order"),
        ({"cardinality": "2"}, {"collection": "items", "item": "x"}, "counted in another way"),
        ({"collection": "items", "item": "x"}, {"collection": "items", "item": "y"}, "another name"),
    ],
)
def test_instances_that_run_keep_their_kind_of_loop(
    before: dict[str, str | bool], after: dict[str, str | bool], why: str
) -> None:
    one, other = (line(user_task("a", inner=multi_instance(**loop)), names="a") for loop in (before, after))  # type: ignore[arg-type]  # flags and texts
    case = Running(one).start(items=[1, 2])
    with pytest.raises(CannotMove, match=why):
        moved(case, other)


def test_what_collects_results_goes_on_to_do_so() -> None:
    marker = multi_instance(cardinality="2")
    collects = line(user_task("a", inner=marker, properties={"resultVariable": "found"}), names="a")
    case = Running(collects).start()
    with pytest.raises(CannotMove, match="collects the results"):
        moved(case, line(user_task("a", inner=marker), names="a"))
    there = moved(case.do("a", n=1), collects.replace(b"found", b"other"))
    assert there.do("a", n=2).data == {"other": [{"n": 1}, {"n": 2}]}


def test_a_boundary_event_waits_for_a_thing_of_the_same_kind() -> None:
    before = line(user_task("a"), catch("w", timer("Duration", "PT1H")), names="a w")
    after = line(user_task("a"), catch("w", message_event("m")), names="a w")
    assert "another kind" in str(place(before, after, "w").blocks)
    assert place(before, after, "a").blocks is None
    assert moved(Running(before).start(), after).open == ["a"], "a blocked place matters to those who stand there"


def test_an_open_sub_process_moves_with_what_is_in_it() -> None:
    case = Running(inside(user_task("a"), user_task("b"), names="a b")).start()
    other = inside(user_task("b"), user_task("c"), user_task("a"), names="b c a").replace(b'"sub"', b'"part"')
    with pytest.raises(CannotMove, match="the other version has no such element"):
        moved(case, other)
    other = inside(user_task("b"), user_task("c"), user_task("a"), names="b c a").replace(b"sub", b"part")
    other = other.replace(b"partProcess", b"subProcess").replace(b"bpmn:part", b"bpmn:sub")
    there = moved(case, other, mapping={"sub": "part"})
    assert there.open == ["a"]
    assert there.do("a").step.finished


def test_a_sub_process_without_a_place_says_so_for_all_in_it() -> None:
    before = inside(user_task("a"), names="a")
    assert "sub-process around it has no place" in str(place(before, line(user_task("a"), names="a"), "a").blocks)


def test_called_processes_move_too() -> None:
    def called(*names: str) -> bytes:
        return process("q", start("qs"), *map(user_task, names), end("qe"), flows("qs", *names, "qe"))

    calling = line(call("c", "q"), names="c")
    case = Running(calling, source(called("x", "y"), "q")).start()
    there = moved(case, calling, source(called("z", "y"), "q"), mapping={"q/x": "z"})
    assert there.open == ["z"]
    assert there.do("z").do("y").step.finished
    with pytest.raises(CannotMove, match="calls 'r' in the other version"):
        moved(
            case,
            line(call("c", "r"), names="c"),
            source(called("x").replace(b'"q"', b'"r"'), "r"),
        )


def test_two_elements_may_become_one_unless_a_case_stands_at_both() -> None:
    split = (gateway("g", "parallel"), gateway("j", "parallel"))
    parallel = process(
        "p",
        start(),
        *split,
        user_task("a"),
        user_task("b"),
        end(),
        flows("s", "g", "a", "j", "e"),
        flows("g", "b", "j"),
    )
    one = line(user_task("c"), names="c")
    with pytest.raises(CannotMove, match="would be one element"):
        moved(Running(parallel).start(), one, mapping={"a": "c", "b": "c"})
    after = line(user_task("a"), user_task("b"), names="a b")
    for steps, place_of in (((), "a"), (("a",), "b")):
        case = Running(after).start()
        for each in steps:
            case.do(each)
        assert case.open == [place_of]
        assert moved(case, one, mapping={"a": "c", "b": "c"}).open == ["c"]


def test_a_mapping_names_elements_that_are_there() -> None:
    one = Running(ONE).executable
    plan = migrating.plan(one, one, {"x": "a", "a": "y", "q/a": "a"})
    assert len(plan.mistakes) == 3


def test_the_plan_offers_what_would_fit() -> None:
    after = line(user_task("b", "Bee"), user_task("c"), receive_task("d", "m"), names="b c d")
    assert place(ONE, after, "a").choices == (("b", "Bee"), ("c", "c"))


def test_an_event_on_an_activity_goes_with_it() -> None:
    def reminded(host: str) -> bytes:
        return process(
            "p",
            start(),
            user_task("a"),
            user_task("b"),
            boundary("late", host, timer("Duration", "PT1H"), interrupting=False),
            end(),
            end("le"),
            flows("s", "a", "b", "e"),
            flow("late", "le"),
        )

    found = place(reminded("a"), reminded("b"), "late")
    assert (found.dropped, found.target_id) == (True, None)
    there = moved(Running(reminded("a")).start(), reminded("b"))
    assert (there.open, there.step.timers) == (["a"], ())
    assert there.step.migrated is not None
    assert there.step.migrated.dropped == ("late",)
    assert [each.element_id for each in there.do("a").step.timers] == ["late"]
