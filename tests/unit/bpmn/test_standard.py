"""Small models as BPMN 2.0.2 describes them, above all where its parts meet: no token is lost, none is there twice.

After each step the stored case is read again and gives the same bytes, and the log is looked at: what began ends once,
and when the case has ended nothing is waited for.
"""

from datetime import timedelta
from typing import Self

from engine.bpmn.case import codec
from engine.types.step import Step
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    link,
    message,
    message_event,
    multi_instance,
    process,
    script,
    signal,
    signal_event,
    standard_loop,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)

HOUR = timedelta(hours=1)
AROUND = (
    message("M", "stop")
    + message("M2", "two")
    + error("E1", "42")
    + error("EF", "SCRIPT_FAILED")
    + escalation("N1", "late")
    + signal("S", "alarm")
)
TERMINATE = "<bpmn:terminateEventDefinition/>"


class Checked(Running):
    """A case of which every step is checked."""

    def _kept(self, step: Step) -> Self:
        super()._kept(step)
        case = codec.decode(step.state, self.executable, self.context)
        assert codec.encode(case) == step.state
        self.told: dict[str, str] = getattr(self, "told", {})
        self.logged: list[tuple[str, str]] = getattr(self, "logged", [])
        for change in step.activities:
            before = self.told.get(change.task_id)
            assert before is None or (before, change.state) in (("started", "completed"), ("started", "cancelled"))
            self.told[change.task_id] = change.state
            self.logged.append((change.element_id, change.state))
        if step.finished:
            assert "started" not in self.told.values()
            assert [*step.timers, *step.subscriptions, *step.open_tasks, *step.operations] == []
        return self

    @property
    def done(self) -> tuple[bool, str | None]:
        return self.step.finished, self.step.outcome

    def count(self, element: str) -> int:
        """Return how often an element was completed."""
        return self.logged.count((element, "completed"))


def model(*parts: str, key: str = "p") -> bytes:
    return process(key, *parts, around=AROUND)


def handler(identity: str, definition: str, *, interrupting: bool = True, ends: str = "") -> str:
    """Return an event sub-process with one task, which ends with the event `ends`."""
    task, last = f"{identity}_t", f"{identity}_e"
    return event_sub_process(
        identity,
        definition,
        user_task(task),
        end(last, f"{identity} end", ends),
        flows(f"{identity}_start", task, last),
        interrupting=interrupting,
    )


def test_a_terminate_end_event_in_an_event_sub_process_that_does_not_interrupt_ends_this_one_only() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            end("e", "Done"),
            flows("s", "a", "e"),
            handler("h", message_event("M"), interrupting=False, ends=TERMINATE),
        )
    ).start()
    case.receive("stop").receive("stop")
    assert sorted(case.open) == ["a", "h_t", "h_t"]
    case.do("h_t")
    assert sorted(case.open) == ["a", "h_t"]
    case.do("a")
    assert not case.step.finished
    case.do("h_t")
    assert case.done == (True, "Done")


def test_a_terminate_end_event_ends_its_instance_only() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                multi_instance(cardinality="2"),
                start("xs"),
                gateway("g", "parallel"),
                user_task("a"),
                user_task("b"),
                end("xa", inner=TERMINATE),
                end("xb"),
                flows("xs", "g", "a", "xa"),
                flows("g", "b", "xb"),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start()
    assert sorted(case.open) == ["a", "a", "b", "b"]
    case.do("a")
    assert sorted(case.open) == ["a", "b"]
    case.do("b")
    assert case.open == ["a"]
    case.do("a")
    assert case.done == (True, "Done")


def test_an_error_in_a_called_process_within_an_instance_interrupts_all_instances() -> None:
    q = model(
        start("qs"),
        user_task("qa"),
        gateway("k", default="k_ok"),
        end("qe", inner=error_event("E1")),
        end("ok"),
        flows("qs", "qa", "k"),
        flow("k", "qe", "bad"),
        flow("k", "ok", identity="k_ok"),
        key="q",
    )
    case = Checked(
        model(
            start(),
            sub_process(
                "x", multi_instance(cardinality="3"), start("xs"), call("cc", "q"), end("xe"), flows("xs", "cc", "xe")
            ),
            boundary("b", "x", error_event("E1")),
            user_task("r"),
            end("e", "Done"),
            end("re", "Handled"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        ),
        source(q, "q"),
    ).start(bad=False)
    case.do("qa")
    assert case.open == ["qa"] * 2
    case.do("qa", bad=True)
    assert case.open == ["r"]
    case.do("r")
    assert case.done == (True, "Handled")


def test_each_escalation_of_each_instance_is_caught() -> None:
    q = model(
        start("qs"),
        throw("t", escalation_event("N1")),
        user_task("qa"),
        end("qe"),
        flows("qs", "t", "qa", "qe"),
        key="q",
    )
    case = Checked(
        model(
            start(),
            call("cc", "q", inner=multi_instance(cardinality="3")),
            boundary("b", "cc", escalation_event("N1"), interrupting=False),
            user_task("r"),
            end("e", "Done"),
            end("re"),
            flows("s", "cc", "e"),
            flows("b", "r", "re"),
        ),
        source(q, "q"),
    ).start()
    assert sorted(case.open) == ["qa"] * 3 + ["r"] * 3
    for _ in range(3):
        case.do("qa")
    assert case.open == ["r"] * 3
    for _ in range(3):
        case.do("r")
    assert case.step.finished


def reminded() -> bytes:

    return model(
        start(),
        gateway("g", "inclusive"),
        user_task("a"),
        user_task("b"),
        boundary("be", "a", message_event("M"), interrupting=False),
        user_task("n"),
        gateway("j", "inclusive"),
        user_task("z"),
        end("e", "Done"),
        flow("s", "g"),
        flow("g", "a", "true"),
        flow("g", "b", "two"),
        flow("a", "j"),
        flow("b", "j"),
        flow("be", "n"),
        flow("n", "j"),
        flow("j", "z"),
        flow("z", "e"),
    )


def test_an_inclusive_join_waits_for_what_a_reminder_began() -> None:
    case = Checked(reminded()).start(two=True)
    case.do("b")
    assert case.open == ["a"]
    case.receive("stop")
    assert sorted(case.open) == ["a", "n"]
    case.do("a")
    assert case.open == ["n"]
    case.do("n")
    assert case.open == ["z"]
    case.do("z")
    assert case.done == (True, "Done")
    assert case.count("j") == 1


def test_an_inclusive_join_takes_one_token_from_each_flow_and_leaves_the_others() -> None:
    case = Checked(reminded()).start(two=False)
    case.receive("stop").receive("stop")
    assert sorted(case.open) == ["a", "n", "n"]
    case.do("n")
    assert sorted(case.open) == ["a", "n"]
    case.do("a")
    assert sorted(case.open) == ["n", "z"]
    case.do("n")
    assert case.open == ["z", "z"]
    case.do("z").do("z")
    assert case.step.finished


def race() -> bytes:
    return model(
        start(),
        gateway("sp", "parallel"),
        gateway("g", "eventBased"),
        catch("c1", signal_event("S")),
        catch("c2", condition("x > 3")),
        catch("c3", timer("Duration", "PT1H")),
        user_task("o"),
        throw("ts", signal_event("S")),
        end("oe"),
        user_task("r1"),
        user_task("r2"),
        user_task("r3"),
        end("e1"),
        end("e2"),
        end("e3"),
        flows("s", "sp", "g"),
        flows("g", "c1", "r1", "e1"),
        flows("g", "c2", "r2", "e2"),
        flows("g", "c3", "r3", "e3"),
        flows("sp", "o", "ts", "oe"),
    )


def test_a_signal_of_the_case_itself_wins_a_race() -> None:
    case = Checked(race()).start(x=1)
    case.do("o")
    assert case.open == ["r1"]
    case.do("r1")
    assert case.step.finished


def test_a_signal_comes_before_conditions_are_asked() -> None:
    case = Checked(race()).start(x=1)
    case.do("o", x=5)
    # signal thrown before the condition is asked at end of step
    assert case.open == ["r1"]


def test_a_condition_that_is_true_already_wins_a_race_at_once() -> None:
    case = Checked(race()).start(x=5)
    assert sorted(case.open) == ["o", "r2"]
    case.do("o")
    case.do("r2")
    assert case.step.finished


def test_a_timer_wins_a_race_and_the_condition_is_asked_no_more() -> None:
    case = Checked(race()).start(x=1).wait(HOUR)
    assert sorted(case.open) == ["o", "r3"]
    case.do("o", x=9)
    assert case.open == ["r3"]


def test_what_handles_an_event_throws_past_its_own_scope() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M"), ends=error_event("E1")),
                event_sub_process("h2", error_event("E1"), end("h2e"), flow("h2_start", "h2e")),
            ),
            boundary("b", "x", error_event("E1")),
            user_task("r"),
            end("e", "Done"),
            end("re", "H"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        )
    ).start()
    case.receive("stop")
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.open == ["r"]
    case.do("r")
    assert case.done == (True, "H")


def test_an_error_in_what_runs_beside_is_caught_by_its_scope_and_ends_all_in_it() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M"), interrupting=False, ends=error_event("E1")),
                handler("h2", error_event("E1")),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start()
    case.receive("stop").receive("stop").do("h_t")
    assert case.open == ["h2_t"]
    case.do("h2_t")
    assert case.done == (True, "Done")


def test_a_boundary_timer_ends_an_event_sub_process_that_has_taken_over() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x", start("xs"), user_task("a"), end("xe"), flows("xs", "a", "xe"), handler("h", message_event("M"))
            ),
            boundary("b", "x", timer("Duration", "PT1H")),
            user_task("r"),
            end("e", "Done"),
            end("re", "H"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        )
    ).start()
    case.receive("stop")
    assert case.open == ["h_t"]
    case.wait(HOUR)
    assert case.open == ["r"]
    case.do("r")
    assert case.done == (True, "H")


def test_each_round_of_a_loop_has_listeners_of_its_own() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                standard_loop("loopCounter < 2"),
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M"), interrupting=False),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start()
    assert len(case.step.subscriptions) == 1
    case.receive("stop").do("a")
    assert case.open == ["h_t"]
    assert len(case.step.subscriptions) == 1
    case.do("h_t")
    assert case.open == ["a"]
    case.do("a")
    assert case.done == (True, "Done")


def test_listening_goes_on_while_what_was_begun_keeps_the_scope_open() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            end("e", "Done"),
            flows("s", "a", "e"),
            handler("h", message_event("M"), interrupting=False),
        )
    ).start()
    case.receive("stop").do("a")
    assert case.open == ["h_t"]
    case.receive("stop")
    assert case.open == ["h_t"] * 2
    case.do("h_t").do("h_t")
    assert case.done == (True, "Done")


def test_two_links_are_two_flows() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            user_task("a"),
            user_task("b"),
            throw("l1", link("L")),
            throw("l2", link("L")),
            catch("lc", link("L")),
            user_task("z"),
            end("e"),
            flows("s", "g", "a", "l1"),
            flows("g", "b", "l2"),
            flows("lc", "z", "e"),
        )
    ).start()
    case.do("a").do("b")
    assert case.open == ["z", "z"]
    case.do("z")
    case.do("z")
    assert case.step.finished


def test_an_inclusive_join_waits_for_what_comes_by_a_link() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "inclusive"),
            user_task("a"),
            user_task("b"),
            throw("l1", link("L")),
            catch("lc", link("L")),
            gateway("j", "inclusive"),
            user_task("z"),
            end("e"),
            flow("s", "g"),
            flow("g", "a", "true"),
            flow("g", "b", "true"),
            flow("a", "l1"),
            flow("lc", "j"),
            flow("b", "j"),
            flow("j", "z"),
            flow("z", "e"),
        )
    ).start()
    case.do("b")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["z"]
    assert case.count("j") == 1


def test_an_inclusive_join_waits_for_what_an_error_may_bring() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "inclusive"),
            sub_process("x", start("xs"), user_task("a"), end("xe", inner=error_event("E1")), flows("xs", "a", "xe")),
            boundary("be", "x", error_event("E1")),
            user_task("b"),
            user_task("n"),
            end("never"),
            gateway("j", "inclusive"),
            user_task("z"),
            end("e"),
            flow("s", "g"),
            flow("g", "x", "true"),
            flow("g", "b", "true"),
            flow("x", "never"),
            flow("be", "n"),
            flow("n", "j"),
            flow("b", "j"),
            flow("j", "z"),
            flow("z", "e"),
        )
    ).start()
    case.do("b")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["n"]
    case.do("n")
    assert case.open == ["z"]
    case.do("z")
    assert case.step.finished


def test_a_terminate_end_event_ends_called_processes_and_what_runs_beside() -> None:
    q = model(
        start("qs"),
        user_task("qa"),
        end("qe"),
        flows("qs", "qa", "qe"),
        handler("qh", timer("Duration", "PT1H"), interrupting=False),
        key="q",
    )
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            call("cc", "q", inner=multi_instance(cardinality="2")),
            user_task("b"),
            end("ce"),
            end("t", "Stop", TERMINATE),
            flows("s", "g", "cc", "ce"),
            flows("g", "b", "t"),
            handler("h", message_event("M"), interrupting=False),
        ),
        source(q, "q"),
    ).start()
    case.receive("stop").wait(HOUR)
    assert sorted(case.open) == ["b", "h_t", "qa", "qa", "qh_t", "qh_t"]
    case.do("b")
    assert case.done == (True, "Stop")


def test_an_error_that_nobody_catches_ends_the_case_from_within_a_called_process() -> None:
    q = model(start("qs"), user_task("qa"), end("qe", "Broken", error_event("E1")), flows("qs", "qa", "qe"), key="q")
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            call("cc", "q"),
            user_task("b"),
            end("ce"),
            end("be"),
            flows("s", "g", "cc", "ce"),
            flows("g", "b", "be"),
        ),
        source(q, "q"),
    ).start()
    case.do("qa")
    assert case.done == (True, "Broken")


def test_an_escalation_is_caught_by_the_nearest_scope_only() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                throw("t", escalation_event("N1")),
                user_task("after"),
                end("xe"),
                flows("xs", "a", "t", "after", "xe"),
                handler("h", escalation_event("N1"), interrupting=False),
            ),
            boundary("b", "x", escalation_event("N1")),
            end("re", "R"),
            end("e", "Done"),
            flows("s", "x", "e"),
            flows("b", "re"),
        )
    ).start()
    case.do("a")
    assert sorted(case.open) == ["after", "h_t"]
    case.do("after").do("h_t")
    assert case.done == (True, "Done")


def test_a_completion_condition_ends_instances_with_all_that_listens() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                multi_instance(cardinality="3", condition="numberOfCompletedInstances >= 1"),
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M"), interrupting=False),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start()
    case.receive("stop")
    assert len(case.step.subscriptions) == 3
    case.do("a")
    # which instance had the ESP? the first got it -> it waits for h_t
    assert sorted(case.open) == ["a", "a", "h_t"]
    case.do("h_t")
    assert case.done == (True, "Done")


def test_no_instances_are_done_at_once() -> None:
    case = Checked(
        model(
            start(),
            user_task("a", inner=multi_instance(cardinality="0")),
            boundary("b", "a", timer("Duration", "PT1H")),
            end("be"),
            end("e", "Done"),
            flows("s", "a", "e"),
            flows("b", "be"),
        )
    ).start()
    assert case.done == (True, "Done")


def test_nested_sub_processes_end_together() -> None:
    inner = user_task("a") + start("s0") + end("e0") + flows("s0", "a", "e0")
    for i in range(1, 45):
        inner = start(f"s{i}") + sub_process(f"x{i}", inner) + end(f"e{i}") + flows(f"s{i}", f"x{i}", f"e{i}")
    case = Checked(model(inner)).start()
    case.do("a")
    assert case.step.finished


def test_a_condition_is_asked_of_its_own_process() -> None:
    q = model(start("qs"), user_task("qa"), user_task("qb"), end("qe"), flows("qs", "qa", "qb", "qe"), key="q")
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            call("cc", "q"),
            user_task("o"),
            end("oe"),
            end("e"),
            flows("s", "g", "cc", "e"),
            flows("g", "o", "oe"),
            handler("h", condition("go")),
        ),
        source(q, "q"),
    ).start(go=False)
    case.do("qa", go=True)
    assert "h_t" not in case.open  # called process has its own data
    case.do("o", go=True)
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.done == (True, "h end")


def test_a_condition_interrupts_all_instances() -> None:
    case = Checked(
        model(
            start(),
            user_task("a", inner=multi_instance(cardinality="3")),
            boundary("b", "a", condition("n > 1")),
            end("be", "Enough"),
            end("e", "Done"),
            flows("s", "a", "e"),
            flows("b", "be"),
        )
    ).start(n=0)
    case.do("a", n=1)
    assert case.open == ["a", "a"]
    case.do("a", n=2)
    assert case.done == (True, "Enough")


def test_a_condition_occurs_when_it_becomes_true_again() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            user_task("a"),
            boundary("b", "a", condition("n > 1"), interrupting=False),
            user_task("r"),
            end("be"),
            end("e", "Done"),
            user_task("w"),
            flow("s", "g"),
            flows("g", "a", "e"),
            flows("g", "w"),
            flow("w", "k"),
            gateway("k", default="kd"),
            flow("k", "w", "true"),
            end("we"),
            flow("k", "we", identity="kd"),
            flows("b", "r", "be"),
        )
    ).start(n=0)
    case.do("w", n=2)
    assert case.open.count("r") == 1
    case.do("w", n=3)
    assert case.open.count("r") == 1
    case.do("w", n=0)
    case.do("w", n=5)
    assert case.open.count("r") == 2


def test_a_signal_that_interrupts_what_threw_it_is_followed_once() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                throw("t", signal_event("S")),
                user_task("after"),
                end("xe"),
                flows("xs", "a", "t", "after", "xe"),
            ),
            boundary("b", "x", signal_event("S")),
            user_task("r"),
            end("e", "Done"),
            end("re", "R"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        )
    ).start()
    case.do("a")
    assert case.open == ["r"]
    case.do("r")
    assert case.done == (True, "R")
    assert len(case.step.signals) == 0


def test_a_signal_at_the_end_that_interrupts_its_sub_process_is_its_way_on() -> None:
    case = Checked(
        model(
            start(),
            sub_process("x", start("xs"), user_task("a"), end("xe", inner=signal_event("S")), flows("xs", "a", "xe")),
            boundary("b", "x", signal_event("S")),
            end("e", "Done"),
            end("re", "R"),
            flows("s", "x", "e"),
            flows("b", "re"),
        )
    ).start()
    case.do("a")
    assert case.done == (True, "R")
    assert case.count("e") == 0


def test_a_signal_at_the_end_that_does_not_interrupt_is_another_way() -> None:
    case = Checked(
        model(
            start(),
            sub_process("x", start("xs"), user_task("a"), end("xe", inner=signal_event("S")), flows("xs", "a", "xe")),
            boundary("b", "x", signal_event("S"), interrupting=False),
            user_task("r"),
            end("e", "Done"),
            end("re", "R"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        )
    ).start()
    case.do("a")
    assert case.open == ["r"]
    case.do("r")
    assert case.done == (True, "R")


def test_of_two_that_a_signal_starts_the_one_that_interrupts_remains() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            throw("t", signal_event("S")),
            user_task("b"),
            end("e", "Done"),
            flows("s", "a", "t", "b", "e"),
            handler("h1", signal_event("S"), interrupting=False),
            handler("h2", signal_event("S")),
        )
    ).start()
    case.do("a")
    assert case.open == ["h2_t"]
    case.do("h2_t")
    assert case.done == (True, "h2 end")


def test_a_parallel_join_takes_what_a_timer_brought_instead() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            user_task("a"),
            boundary("b", "a", timer("Duration", "PT1H")),
            gateway("m"),
            user_task("c"),
            gateway("j", "parallel"),
            end("e", "Done"),
            flow("s", "g"),
            flow("g", "a"),
            flow("g", "c"),
            flow("a", "m"),
            flow("b", "m"),
            flow("m", "j"),
            flow("c", "j"),
            flow("j", "e"),
        )
    ).start()
    case.wait(HOUR)
    assert case.open == ["c"]
    case.do("c")
    assert case.done == (True, "Done")


def test_a_cycle_and_an_interrupting_timer_that_are_due_together() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            boundary("b", "a", timer("Cycle", "R/PT1H"), interrupting=False),
            boundary("i", "a", timer("Duration", "PT3H")),
            end("be"),
            end("ie", "Late"),
            end("e", "Done"),
            flows("s", "a", "e"),
            flows("b", "be"),
            flows("i", "ie"),
        )
    ).start()
    case.wait(4 * HOUR)
    assert case.done == (True, "Late")


def test_an_event_sub_process_ends_one_instance_and_the_next_begins() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                multi_instance(collection="items", item="i", sequential=True),
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M")),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start(items=[1, 2])
    case.receive("stop").do("h_t")
    assert case.open == ["a"]
    assert case.sees("a")["i"] == 2
    case.do("a")
    assert case.done == (True, "Done")


def test_a_broken_script_in_what_runs_beside_is_caught_around() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                event_sub_process(
                    "h",
                    message_event("M"),
                    script("bad", "y = 1/0"),
                    end("he"),
                    flows("h_start", "bad", "he"),
                    interrupting=False,
                ),
            ),
            boundary("b", "x", error_event("EF", errorMessageVariable="why")),
            user_task("r"),
            end("re", "R"),
            end("e", "Done"),
            flows("s", "x", "e"),
            flows("b", "r", "re"),
        )
    ).start()
    case.receive("stop")
    assert case.open == ["r"]
    assert "why" in case.data


def test_what_a_message_brought_is_seen_outside() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            gateway("k", default="kd"),
            end("y", "Yes"),
            end("n", "No"),
            flows("s", "a", "k"),
            flow("k", "y", "told = 1"),
            flow("k", "n", identity="kd"),
            event_sub_process(
                "h",
                message_event("M"),
                end("he"),
                flow("h_start", "he"),
                interrupting=False,
                properties={"resultVariable": "told"},
            ),
        )
    ).start()
    case.receive("stop", 1)
    case.do("a")
    assert case.done == (True, "Yes")


def test_each_called_instance_has_its_own_timer() -> None:
    q = model(
        start("qs"),
        user_task("qa"),
        end("qe"),
        flows("qs", "qa", "qe"),
        handler("qh", timer("Duration", "PT1H")),
        key="q",
    )
    case = Checked(
        model(start(), call("cc", "q", inner=multi_instance(cardinality="3")), end("e", "Done"), flows("s", "cc", "e")),
        source(q, "q"),
    ).start()
    case.wait(HOUR)
    assert case.open == ["qh_t"] * 3
    for _ in range(3):
        case.do("qh_t")
    assert case.done == (True, "Done")


def test_an_inclusive_join_in_a_loop_joins_each_round() -> None:
    case = Checked(
        model(
            start(),
            gateway("m"),
            gateway("g", "inclusive", default="gd"),
            user_task("a"),
            user_task("b"),
            gateway("j", "inclusive"),
            gateway("k", default="kd"),
            end("e", "Done"),
            flow("s", "m"),
            flow("m", "g"),
            flow("g", "a", "ga"),
            flow("g", "b", identity="gd"),
            flow("a", "j"),
            flow("b", "j"),
            flow("j", "k"),
            flow("k", "m", "again"),
            flow("k", "e", identity="kd"),
        )
    ).start(ga=True, again=True)
    case.do("a")
    assert case.open == ["a"]
    case.do("a", ga=False)
    assert case.open == ["b"]
    case.do("b", again=False)
    assert case.done == (True, "Done")


def test_an_escalation_that_interrupts_ends_the_other_branches() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                gateway("g", "parallel"),
                user_task("a"),
                user_task("b"),
                end("xa", inner=escalation_event("N1")),
                end("xb"),
                flows("xs", "g", "a", "xa"),
                flows("g", "b", "xb"),
            ),
            boundary("eb", "x", escalation_event()),
            end("re", "R"),
            end("e", "Done"),
            flows("s", "x", "e"),
            flows("eb", "re"),
        )
    ).start()
    case.do("a")
    assert case.done == (True, "R")


def test_what_a_boundary_event_began_before_goes_on_after_an_error() -> None:
    case = Checked(
        model(
            start(),
            sub_process("x", start("xs"), user_task("a"), end("xe", inner=error_event("E1")), flows("xs", "a", "xe")),
            boundary("ni", "x", message_event("M"), interrupting=False),
            user_task("n"),
            end("ne"),
            boundary("b", "x", error_event("E1")),
            user_task("r"),
            end("re", "R"),
            end("e", "Done"),
            flows("s", "x", "e"),
            flows("ni", "n", "ne"),
            flows("b", "r", "re"),
        )
    ).start()
    case.receive("stop")
    case.do("a")
    assert sorted(case.open) == ["n", "r"]
    case.do("r")
    assert not case.step.finished
    case.do("n")
    assert case.step.finished


def test_a_timer_on_a_loop_is_due_once_for_all_rounds() -> None:
    case = Checked(
        model(
            start(),
            user_task("a", inner=standard_loop("true")),
            boundary("b", "a", timer("Duration", "PT1H")),
            end("be", "T"),
            end("e", "Done"),
            flows("s", "a", "e"),
            flows("b", "be"),
        )
    ).start()
    case.do("a").do("a")
    [t] = case.step.timers
    assert t.due_at == NOW + HOUR
    case.wait(HOUR)
    assert case.done == (True, "T")


def test_an_error_within_an_instance_is_handled_in_it() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                multi_instance(cardinality="2"),
                start("xs"),
                user_task("a"),
                end("xe", inner=error_event("E1")),
                flows("xs", "a", "xe"),
                handler("h", error_event("E1")),
            ),
            end("e", "Done"),
            flows("s", "x", "e"),
        )
    ).start()
    case.do("a")
    assert sorted(case.open) == ["a", "h_t"]
    case.do("h_t")
    assert case.open == ["a"]
    case.do("a")
    case.do("h_t")
    assert case.done == (True, "Done")


def test_an_error_that_nobody_catches_in_what_runs_beside_ends_the_case() -> None:
    case = Checked(
        model(
            start(),
            user_task("a"),
            end("e", "Done"),
            flows("s", "a", "e"),
            handler("h", message_event("M"), interrupting=False, ends=error_event("E1")),
        )
    ).start()
    case.receive("stop").do("h_t")
    assert case.done == (True, "h end")


def test_events_race_within_an_event_sub_process_of_a_called_process() -> None:
    q = model(
        start("qs"),
        user_task("qa"),
        end("qe"),
        flows("qs", "qa", "qe"),
        event_sub_process(
            "h",
            signal_event("S"),
            gateway("g", "eventBased"),
            catch("m", message_event("M")),
            catch("t", timer("Duration", "PT1H")),
            end("h1"),
            end("h2"),
            flows("h_start", "g", "m", "h1"),
            flows("g", "t", "h2"),
        ),
        key="q",
    )
    case = Checked(model(start(), call("cc", "q"), end("e", "Done"), flows("s", "cc", "e")), source(q, "q")).start()
    case.signal("alarm")
    assert {x.message_name for x in case.step.subscriptions} == {"stop"}
    case.wait(HOUR)
    assert case.done == (True, "Done")


def test_an_event_sub_process_ends_tokens_that_wait_at_a_join() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "parallel"),
            user_task("a"),
            user_task("b"),
            gateway("j", "parallel"),
            end("e", "Done"),
            flows("s", "g", "a", "j", "e"),
            flows("g", "b", "j"),
            handler("h", message_event("M")),
        )
    ).start()
    case.do("a").receive("stop")
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.done == (True, "h end")


def test_what_a_called_process_brings_makes_a_condition_true() -> None:
    q = model(start("qs"), user_task("qa"), end("qe"), flows("qs", "qa", "qe"), key="q")
    case = Checked(
        model(
            start(),
            call("cc", "q"),
            user_task("z"),
            end("e", "Done"),
            flows("s", "cc", "z", "e"),
            handler("h", condition("go"), interrupting=False),
        ),
        source(q, "q"),
    ).start(go=False)
    case.do("qa", go=True)
    assert sorted(case.open) == ["h_t", "z"]


def test_the_last_task_of_a_called_process_makes_its_condition_true() -> None:
    q = model(start("qs"), user_task("qa"), end("qe"), flows("qs", "qa", "qe"), handler("h", condition("go")), key="q")
    case = Checked(model(start(), call("cc", "q"), end("e", "Done"), flows("s", "cc", "e")), source(q, "q")).start(
        go=False
    )
    case.do("qa", go=True)
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.done == (True, "Done")


def test_an_inclusive_join_goes_on_when_a_sub_process_can_escalate_no_more() -> None:
    case = Checked(
        model(
            start(),
            gateway("g", "inclusive"),
            user_task("b"),
            sub_process(
                "x", start("xs"), user_task("a"), end("xe"), flows("xs", "a", "xe"), handler("h", message_event("M2"))
            ),
            boundary("be", "x", escalation_event("N1"), interrupting=False),
            gateway("j", "inclusive"),
            user_task("z"),
            end("e", "Done"),
            end("xend"),
            flow("s", "g"),
            flow("g", "b", "true"),
            flow("g", "x", "true"),
            flow("b", "j"),
            flow("be", "j"),
            flow("x", "xend"),
            flow("j", "z"),
            flow("z", "e"),
        )
    ).start()
    case.do("b")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["z"]
    case.do("z")
    assert case.done == (True, "Done")


def test_a_terminate_end_event_in_what_has_taken_over_lets_what_is_around_go_on() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x",
                start("xs"),
                user_task("a"),
                end("xe"),
                flows("xs", "a", "xe"),
                handler("h", message_event("M"), ends=TERMINATE),
            ),
            user_task("z"),
            end("e", "Done"),
            flows("s", "x", "z", "e"),
        )
    ).start()
    case.receive("stop").do("h_t")
    assert case.open == ["z"]
    case.do("z")
    assert case.done == (True, "Done")


def test_a_signal_at_the_end_begins_what_takes_over() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x", start("xs"), end("xe", inner=signal_event("S")), flows("xs", "xe"), handler("h", signal_event("S"))
            ),
            user_task("z"),
            end("e", "Done"),
            flows("s", "x", "z", "e"),
        )
    ).start()
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.open == ["z"]


def test_a_sub_process_is_done_again_in_a_loop() -> None:
    case = Checked(
        model(
            start(),
            gateway("m"),
            sub_process("x", start("xs"), user_task("a"), end("xe"), flows("xs", "a", "xe")),
            gateway("k", default="kd"),
            end("e", "Done"),
            flows("s", "m", "x", "k"),
            flow("k", "m", "again"),
            flow("k", "e", identity="kd"),
        )
    ).start(again=True)
    for _ in range(5):
        case.do("a")
    case.do("a", again=False)
    assert case.done == (True, "Done")
    assert case.count("a") == 6


def test_a_condition_that_is_true_comes_before_the_activity() -> None:
    case = Checked(
        model(
            start(),
            sub_process(
                "x", start("xs"), script("a", "y = 1"), end("xe", inner=error_event("E1")), flows("xs", "a", "xe")
            ),
            boundary("b", "x", condition("true")),
            boundary("b2", "x", error_event("E1")),
            end("be", "C"),
            end("b2e", "E"),
            end("e", "Done"),
            flows("s", "x", "e"),
            flows("b", "be"),
            flows("b2", "b2e"),
        )
    ).start()
    assert case.done == (True, "C")


def test_a_condition_that_is_true_begins_beside_a_process_that_ends_at_once() -> None:
    case = Checked(
        model(start(), end("e", "Done"), flows("s", "e"), handler("h", condition("true"), interrupting=False))
    ).start()
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.done == (True, "Done")


def test_a_condition_that_is_true_takes_over_a_process_that_ends_at_once() -> None:
    case = Checked(model(start(), end("e", "Done"), flows("s", "e"), handler("h", condition("true")))).start()
    assert case.open == ["h_t"]
    case.do("h_t")
    assert case.done == (True, "h end")


def test_an_inclusive_join_waits_for_the_activity_after_its_reminder() -> None:
    case = Checked(reminded()).start(two=True)
    case.do("b").receive("stop").do("n")
    assert case.open == ["a"]
    case.do("a")
    assert case.open == ["z"]
    case.do("z")
    assert case.done == (True, "Done")
