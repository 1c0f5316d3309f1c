"""What the owners of a process do to a case by hand: who may, upon what, what the log and the figures say of it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import (
    ConcurrentUpdate,
    InputRefused,
    NotFound,
    NotMendable,
    NotPermitted,
    StepFailed,
    TaskNotOpen,
)
from engine.types import ENGINE, Actor
from engine.views import CaseRef
from engine.views.mending import MendingView
from tests.bpmn_models import (
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    process,
    receive_task,
    script,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ADA, ANN, BEN, CARL, OLGA, OTTO, OWEN, OWNER, STARTERS, Stage, at_once, form

NUMBER = {"type": "number", "key": "divisor", "label": "Divisor"}
STRANGER = Actor("otis", "Otis Owner", frozenset({"process_owner"}), frozenset({"others"}), "home")


def _deploy(stage: Stage, *parts: str, **facts: Any) -> None:
    stage.deploy(
        p__bpmn=process("p", start(form="d"), *parts, properties=OWNER, **STARTERS, **facts), d__form=form("d", NUMBER)
    )


def _two_tasks(stage: Stage, **values: Any) -> CaseRef:
    """Start a case that divides between two tasks of the analysts."""
    _deploy(
        stage,
        user_task("ask", "Ask", candidateGroups="analysts"),
        script("divide", "result = 100 / divisor"),
        user_task("check", "Check", candidateGroups="analysts"),
        end("e", "Checked"),
        flows("s", "ask", "divide", "check", "e"),
    )
    return stage.start(**values)


def _look(stage: Stage, case: CaseRef) -> MendingView:
    return stage.engine.mending.look(case.id, OWEN)


def _token(stage: Stage, case: CaseRef, element: str) -> str:
    return next(place.task_id for place in _look(stage, case).places if place.element_id == element)


def _events(stage: Stage, case: CaseRef, kind: str) -> list[Any]:
    return [event for event in stage.engine.history.timeline(case.id, ENGINE) if event.kind == kind]


def test_a_wrong_variable_is_mended_and_the_failed_step_goes_on(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=0)
    with pytest.raises(StepFailed):
        stage.do("ask")
    view = _look(stage, case)
    (failure,) = view.failures
    assert [(each.failure_id, each.task_name) for each in view.handed_in] == [(failure.id, "Ask")]
    task = stage.task()
    stage.engine.mending.change_variables(
        case.id, {"divisor": 4, "note": {"by": "Owen"}}, reason=" A slip. ", actor=OWEN, revision=view.revision
    )
    assert stage.task() == task, "nothing else has changed"
    (event,) = _events(stage, case, "case.modified")
    assert (event.actor.id, event.detail["reason"]) == ("owen", "A slip.")
    told = {each["name"]: (each["before"], each["after"]) for each in event.detail["changes"]}
    assert told == {"divisor": ("0", "4"), "note": (None, '{"by": "Owen"}')}
    stage.engine.management.retry(failure.id, actor=OWEN)
    assert stage.task().element_id == "check"
    assert _look(stage, case).layers[0].variables["result"] == 25


def test_values_are_read_by_those_who_mend_only(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=0)
    stage.engine.mending.change_variables(case.id, {"secret": "x"}, removed=["divisor"], reason="So", actor=OWEN)
    (event,) = [each for each in stage.engine.history.timeline(case.id, ANN) if each.kind == "case.modified"]
    assert event.detail["changes"] == [{"name": "divisor"}, {"name": "secret"}]
    (row,) = [each for each in stage.engine.history.export_log(OLGA) if "case.modified" in each.values]
    assert "x" not in str(row.values[-1]["changes"])
    (own,) = [each for each in stage.engine.history.timeline(case.id, OWEN) if each.kind == "case.modified"]
    assert {"name": "secret", "before": None, "after": '"x"'} in own.detail["changes"]


def test_only_the_owners_of_the_process_mend(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=0)
    token, mending = stage.task().id, stage.engine.mending
    acts = (
        lambda who: mending.look(case.id, who),
        lambda who: mending.change_variables(case.id, {"divisor": 1}, reason="So", actor=who),
        lambda who: mending.move_token(case.id, token, "check", reason="So", actor=who),
        lambda who: mending.skip(case.id, token, {}, reason="So", actor=who),
    )
    for act in acts:
        for who in (ANN, OLGA):
            with pytest.raises(NotPermitted):
                act(who)
        for who in (CARL, OTTO, STRANGER, ADA):
            with pytest.raises(NotFound):
                act(who)
    with pytest.raises(StepFailed):
        stage.do("ask")
    for act in acts:
        with pytest.raises(NotPermitted):
            act(ADA)  # who sees the failure
    assert stage.value("select revision from process_instance") == 1
    assert mending.find(case.number, OWEN) == case.id
    for who, number in ((CARL, case.number), (OWEN, "C-9999")):
        with pytest.raises(NotFound):
            mending.find(number, who)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_each_needs_a_reason(stage: Stage, reason: str) -> None:
    case = _two_tasks(stage)
    token, mending = stage.task().id, stage.engine.mending
    acts: tuple[Callable[[], Any], ...] = (
        lambda: mending.change_variables(case.id, {"divisor": 1}, reason=reason, actor=OWEN),
        lambda: mending.move_token(case.id, token, "check", reason=reason, actor=OWEN),
        lambda: mending.skip(case.id, token, {}, reason=reason, actor=OWEN),
    )
    for act in acts:
        with pytest.raises(InputRefused) as caught:
            act()
        assert list(caught.value.messages) == ["reason"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"n": float("nan")}, "n"),
        ({"n": 2**70}, "n"),
        ({"t": "a\0b"}, "t"),
        ({"deep": [[object()]]}, "deep"),
        ({" ": 1}, "variables"),
        ({"ref": {"register": "needs", "id": "N-0001", "version": 1}}, "ref"),
    ],
)
def test_what_is_no_data_is_refused(stage: Stage, values: dict[str, Any], field: str) -> None:
    case = _two_tasks(stage)
    with pytest.raises(InputRefused) as caught:
        stage.engine.mending.change_variables(case.id, values, reason="So", actor=OWEN)
    assert list(caught.value.messages) == [field]
    with pytest.raises(InputRefused):
        stage.engine.mending.change_variables(case.id, {"a": 1}, removed=["a"], reason="So", actor=OWEN)


def test_who_looked_at_an_older_state_is_told_who_moved_it_on(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    view = _look(stage, case)
    stage.do("ask", BEN)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: stage.engine.mending.change_variables(
            case.id, {"divisor": 1}, reason="So", actor=OWEN, revision=view.revision
        ),
        lambda: stage.engine.mending.skip(
            case.id, stage.task().id, {}, reason="So", actor=OWEN, revision=view.revision
        ),
    )
    for act in acts:
        with pytest.raises(ConcurrentUpdate) as caught:
            act()
        assert (caught.value.by, caught.value.at) == ("engine", stage.clock.now)
        assert case.number in str(caught.value)
    with pytest.raises(TaskNotOpen):
        stage.engine.mending.skip(case.id, view.places[0].task_id, {}, reason="So", actor=OWEN)


def test_a_case_that_has_ended_is_not_mended(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    stage.engine.runtime.cancel(case.id, "over", actor=OWEN)
    assert _look(stage, case).places == ()
    with pytest.raises(ConcurrentUpdate, match="has ended"):
        stage.engine.mending.change_variables(case.id, {"a": 1}, reason="So", actor=OWEN)


def test_a_skipped_task_is_nobodys_work(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    stage.clock.pass_by(hours=1)
    stage.engine.mending.skip(case.id, task.id, {"said": "nothing"}, reason="Ann is ill", actor=OWEN)
    with pytest.raises(TaskNotOpen, match="already skipped by owen"):
        stage.complete(task.id)
    (event,) = _events(stage, case, "activity.skipped")
    assert (event.actor.id, event.element_id, event.duration_seconds) == ("owen", "ask", 3600)
    assert (event.detail["reason"], event.detail["changes"][0]["name"]) == ("Ann is ill", "said")
    assert not [each for each in _events(stage, case, "activity.completed") if each.element_id == "ask"]
    stage.clock.pass_by(hours=1)
    stage.do("check", BEN)
    (summary,) = stage.rows("select hand_overs, first_time_right, cycle_seconds, working_seconds from case_summary")
    assert (summary.hand_overs, bool(summary.first_time_right)) == (0, False)
    assert (summary.cycle_seconds, summary.working_seconds) == (7200, 3600), (
        "the task was with Ann until it was skipped"
    )
    assert stage.rows("select value from case_label where kind = 'person'") == [("ben",)]
    done = {row.element_id: row.completed for row in stage.rows("select element_id, completed from case_activity")}
    assert (done.get("ask", 0), done["check"]) == (0, 1)


def test_a_moved_token_takes_its_task_and_its_failure_with_it(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=0)
    with pytest.raises(StepFailed):
        stage.do("ask")
    moved = stage.engine.mending.move_token(
        case.id, _token(stage, case, "ask"), "check", reason="Divided by hand", actor=OWEN
    )
    assert (moved.status, [row.element_id for row in stage.tasks()]) == ("active", ["check"])
    assert stage.engine.management.failures(ADA).rows == ()
    (failure,) = stage.engine.management.failures(ADA, state="resolved").rows
    assert failure.resolved_by is not None
    assert failure.resolved_by.id == "owen"
    (event,) = _events(stage, case, "token.moved")
    assert (event.element_id, event.detail["to"], event.detail["reason"]) == ("ask", "check", "Divided by hand")
    assert [(each.element_id, each.actor.id) for each in _events(stage, case, "activity.cancelled")] == [
        ("ask", "owen")
    ]
    assert stage.value("select count(*) from worklist") == 1
    with pytest.raises(NotMendable):
        stage.engine.mending.move_token(case.id, _token(stage, case, "check"), "s", reason="So", actor=OWEN)
    back = stage.engine.mending.move_token(case.id, _token(stage, case, "check"), "e", reason="Enough", actor=OWEN)
    assert back.status == "completed"


def test_a_timer_that_fails_and_its_job_go_with_its_token(stage: Stage) -> None:
    _deploy(
        stage,
        catch("wait", timer("Duration", "PT1H")),
        script("divide", "result = 100 / divisor"),
        user_task("check", "Check", candidateGroups="analysts"),
        end(),
        flows("s", "wait", "divide", "check", "e"),
    )
    case = stage.start(divisor=0)
    stage.clock.pass_by(hours=1)
    stage.engine.management.run_due()
    assert len(_look(stage, case).failures) == 1
    stage.engine.mending.skip(case.id, _token(stage, case, "wait"), {"divisor": 5}, reason="So", actor=OWEN)
    assert (stage.task().element_id, stage.count("job")) == ("check", 0)
    assert _look(stage, case).failures == ()
    assert stage.engine.management.failures(ADA).rows == ()


def test_a_message_of_which_the_event_is_gone_waits_for_another(stage: Stage) -> None:
    _deploy(
        stage,
        receive_task("first", "m", {"resultVariable": "divisor"}),
        script("divide", "result = 100 / divisor"),
        receive_task("second", "m", {"resultVariable": "told"}),
        user_task("check", "Check", candidateGroups="analysts"),
        end(),
        flows("s", "first", "divide", "second", "check", "e"),
        around=message("m", "go"),
    )
    case = stage.start()
    assert stage.engine.runtime.send_message("go", None, 0, actor=ANN).state == "failed"
    stage.engine.mending.move_token(case.id, _token(stage, case, "first"), "second", reason="Skip it", actor=OWEN)
    assert stage.engine.management.failures(ADA).rows == ()
    assert (stage.task().element_id, stage.count("job")) == ("check", 0), "the message was taken by the next that waits"
    assert _look(stage, case).layers[0].variables["told"] == 0


def test_references_to_records_have_to_lead_somewhere(stage: Stage) -> None:
    registers = "\n".join(
        [
            "registers:",
            *(
                f"  - {{key: {key}, name: {key}, singular: {key}, variable: {key}, prefix: {key[0].upper()},"
                f" form: note, title: title, readers: [{group}], maintainers: [{group}]}}"
                for key, group in (("notes", "owners"), ("secrets", "clerks"))
            ),
        ]
    ).encode()
    stage.deploy(registers__yaml=registers, note__form=form("note", "title"))
    case = _two_tasks(stage, divisor=2)
    note = stage.engine.registers.save("notes", None, {"title": "Mine"}, actor=OWEN)
    secret = stage.engine.registers.save("secrets", None, {"title": "Theirs"}, actor=CARL)
    for ref in (
        {**note.as_json(), "version": 2},
        {**note.as_json(), "id": "N-9999"},
        {**note.as_json(), "register": "others"},
        secret.as_json(),
    ):
        with pytest.raises(InputRefused) as caught:
            stage.engine.mending.change_variables(case.id, {"x": [{"y": ref}]}, reason="So", actor=OWEN)
        assert "that you may see" in caught.value.messages["x"][0]
        with pytest.raises(InputRefused, match="that you may see"):
            stage.engine.mending.skip(case.id, stage.task().id, {"x": ref}, reason="So", actor=OWEN)
    stage.engine.mending.change_variables(case.id, {"x": [{"y": note.as_json()}]}, reason="So", actor=OWEN)
    stage.engine.mending.change_variables(case.id, {"z": secret.as_json()}, reason="So", actor=ENGINE)
    stage.engine.mending.change_variables(case.id, {"w": secret.as_json()}, reason="It is in the case", actor=OWEN)


def test_a_case_that_cannot_be_read_says_so_and_can_be_cancelled(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    with stage.engine.database.write() as connection:
        connection.execute(sa.text("update process_instance set state = :state"), {"state": b"nothing of ours"})
    view = _look(stage, case)
    assert "damaged" in (view.unreadable or "")
    assert (view.places, view.layers) == ((), ())
    with pytest.raises(StepFailed, match="damaged"):
        stage.engine.mending.change_variables(case.id, {"a": 1}, reason="So", actor=OWEN)
    with pytest.raises(StepFailed, match="damaged"):
        stage.do("ask")
    (failure,) = stage.engine.management.failures(ADA).rows
    assert "damaged" in failure.reason
    stage.engine.runtime.cancel(case.id, "It cannot be read", actor=OWEN)
    assert stage.engine.management.failures(ADA).rows == ()


# --- at once ----------------------------------------------------------------------------------------------------------


def _whole(stage: Stage, case: CaseRef) -> None:
    """What the tables say of a case is what its state says."""
    view = _look(stage, case)
    tasks = {place.task_id for place in view.places if place.kind == "userTask"}
    assert {row.id for row in stage.rows("select id from user_task where state = 'open'")} == tasks
    assert {row.task_id for row in stage.rows("select task_id from worklist")} == tasks


def test_two_owners_at_once_upon_what_both_have_seen_one_wins(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    view, other = _look(stage, case), stage.another()
    outcomes = at_once(
        *(
            lambda engine=engine, value=value: engine.mending.change_variables(
                case.id, {"divisor": value}, reason="So", actor=OWEN, revision=view.revision
            )
            for engine, value in ((stage.engine, 5), (other.engine, 6))
        )
    )
    (lost,) = [each.error for each in outcomes if each.error is not None]
    assert isinstance(lost, ConcurrentUpdate)
    assert lost.by == "owen"
    assert len(_events(stage, case, "case.modified")) == 1


def test_two_owners_at_once_move_and_skip_the_same_token_one_wins(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    token, other = stage.task().id, stage.another()
    outcomes = at_once(
        lambda: stage.engine.mending.move_token(case.id, token, "check", reason="So", actor=OWEN),
        lambda: other.engine.mending.skip(case.id, token, {}, reason="So", actor=OWEN),
        lambda: stage.engine.mending.move_token(case.id, token, "ask", reason="So", actor=OWEN),
    )
    errors = [each.error for each in outcomes if each.error is not None]
    assert [type(error) for error in errors] == [TaskNotOpen, TaskNotOpen]
    assert len(stage.tasks()) == 1
    _whole(stage, case)


def test_changes_of_different_variables_at_once_are_both_kept(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    other = stage.another()
    outcomes = at_once(
        *(
            lambda engine=engine, name=name: engine.mending.change_variables(
                case.id, {name: 1}, reason="So", actor=OWEN
            )
            for engine, name in ((stage.engine, "a"), (other.engine, "b"), (stage.engine, "c"))
        )
    )
    assert [each.error for each in outcomes] == [None, None, None]
    assert {"a", "b", "c"} <= _look(stage, case).layers[0].variables.keys()


@pytest.mark.parametrize("act", ["skip", "move"])
def test_an_owner_and_whoever_completes_the_task_at_once_one_wins(stage: Stage, act: str) -> None:
    case = _two_tasks(stage, divisor=2)
    task, other = stage.task(), stage.another()
    acts = {
        "skip": lambda: other.engine.mending.skip(case.id, task.id, {}, reason="So", actor=OWEN),
        "move": lambda: other.engine.mending.move_token(case.id, task.id, "check", reason="So", actor=OWEN),
    }
    outcomes = at_once(lambda: stage.complete(task.id), acts[act])
    errors = [each.error for each in outcomes if each.error is not None]
    assert [isinstance(error, TaskNotOpen) for error in errors] == [True]
    assert [row.element_id for row in stage.tasks()] == ["check"]
    _whole(stage, case)
    ends = ("activity.completed", "activity.skipped", "activity.cancelled")
    assert sum(each.task_id == task.id for kind in ends for each in _events(stage, case, kind)) == 1


def test_a_change_and_a_completion_at_once_lose_nothing(stage: Stage) -> None:
    case = _two_tasks(stage, divisor=2)
    task, other = stage.task(), stage.another()
    outcomes = at_once(
        lambda: stage.complete(task.id),
        lambda: other.engine.mending.change_variables(case.id, {"divisor": 4, "extra": 1}, reason="So", actor=OWEN),
    )
    assert [each.error for each in outcomes] == [None, None]
    variables = _look(stage, case).layers[0].variables
    assert (variables["divisor"], variables["extra"]) == (4, 1)
    assert variables["result"] in (25, 50)
    _whole(stage, case)


def test_a_timer_and_an_owner_at_once_one_wins(stage: Stage) -> None:
    _deploy(
        stage,
        catch("wait", timer("Duration", "PT1H")),
        gateway("x", default="d"),
        user_task("check", "Check", candidateGroups="analysts"),
        end(),
        end("e2"),
        flows("s", "wait", "x"),
        flow("x", "check", identity="d"),
        flow("x", "e2", "divisor = 7"),
        flows("check", "e"),
    )
    case = stage.start(divisor=0)
    stage.clock.pass_by(hours=1)
    token, other = _token(stage, case, "wait"), stage.another()
    outcomes = at_once(
        stage.engine.management.run_due,
        lambda: other.engine.mending.skip(case.id, token, {}, reason="So", actor=OWEN),
    )
    assert all(each.error is None or isinstance(each.error, TaskNotOpen) for each in outcomes)
    assert [row.element_id for row in stage.tasks()] == ["check"]
    assert stage.count("job") == 0
    _whole(stage, case)
