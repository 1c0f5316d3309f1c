"""Evaluations are opened once whoever opens them, keep their figures, and look at the actions of the one before."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from engine import managed
from engine.errors import EvaluationOpen, InputRefused, NotEvaluable, NotFound, NotPermitted
from engine.metrics.periods import Period
from engine.metrics.process import EVALUATED, ManagedProcess
from engine.types import ENGINE, Actor, Json
from engine.views.evaluations import EvaluationDetail
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.stage import ADA, ANN, MORNING, OWEN, OWNER, Stage, at_once, form

REGISTERS = b"""
registers:
  - {key: rules, name: Rules, variable: rule, prefix: R, form: rule, title: title, singleton: true}
  - key: process_evaluations
    name: Process Evaluations
    variable: process_evaluation
    prefix: EV
    form: judgement
    title: findings
    readers: [process_owner]
  - key: improvement_actions
    name: Improvement Actions
    variable: improvement_action
    prefix: IA
    form: action
    title: action
    statuses: [open, done, dropped]
    readers: [process_owner]
"""
NUMBER: dict[str, Any] = {"type": "number", "label": "Number"}
ROWS: dict[str, Any] = {
    "type": "dynamiclist",
    "label": "Targets",
    "path": "targets",
    "components": [
        {"type": "textfield", "key": "measure", "label": "Measure"},
        {"type": "textfield", "key": "target", "label": "Target"},
    ],
}
Q1 = Period(date(2026, 1, 1), date(2026, 3, 1))
PROCESS = ManagedProcess(
    key="m",
    name="Managed",
    reference="A99",
    owner_group="owners",
    cases=("p",),
    framework="rules",
    evaluate="e",
)
RULE: dict[str, Json] = {
    "title": "Rules",
    "targets": [{"measure": "cycle_time.median", "target": "at most 1 day"}],
    "review_interval": "P1M",
}


@pytest.fixture(autouse=True)
def managed_process(stage: Stage) -> None:
    """A process with a framework, and an evaluation that records one action."""
    owners: dict[str, Any] = {"candidateGroups": "owners"}
    kept = {"process_evaluations.new": "true"}
    agreed = {"improvement_actions.new": "true", "improvement_actions.status": "open"}
    done = {"improvement_actions.status": "done"}
    act = reads("acting") + writes("acting")
    stage.deploy_one_task()
    stage.deploy(
        e__bpmn=process(
            "e",
            start("s"),
            user_task("judge", "Judge", writes("kept"), properties=kept, formRef="judgement", **owners),
            user_task("agree", "Agree", writes("agreed"), properties=agreed, formRef="action", **owners),
            user_task("act", "Act", act, properties=done, formRef="action", **owners),
            end("over"),
            store("kept", "process_evaluations"),
            store("agreed", "improvement_actions"),
            store("acting", "improvement_actions"),
            flows("s", "judge", "agree", "act", "over"),
            properties={**OWNER, "title": "evaluation_title"},
        ),
        registers__yaml=REGISTERS,
        rule__form=form("rule", "title", "review_interval", "effective_from", ROWS),
        judgement__form=form("judgement", "findings"),
        action__form=form("action", "action", "owner", "measure", {**NUMBER, "key": "figure_then"}),
    )
    with stage.engine.database.write() as connection:
        managed.store(connection, [PROCESS], stage.clock())


def govern(stage: Stage, **body: Json) -> None:
    found = stage.engine.registers.page("rules", ENGINE).rows
    base = found[0].version if found else None
    identity = found[0].id if found else None
    stage.engine.registers.save("rules", identity, {**RULE, **body}, base=base, actor=ENGINE)


def run_cases(stage: Stage, count: int, **length: float) -> None:
    """Run cases that last for so long, all at the same time."""
    for _ in range(count):
        stage.start()
    stage.clock.pass_by(**length)
    for task in stage.tasks():
        if task.element_id == "ask":
            stage.complete(task.id)


def judged(stage: Stage, case_id: str) -> EvaluationDetail:
    return stage.engine.evaluations.evaluation("m", case_id, OWEN)


def test_the_figures_stay_as_they_were_when_it_was_opened(stage: Stage) -> None:
    govern(stage)
    run_cases(stage, 6, days=2)
    period = Period(date(2026, 3, 1), stage.clock.now.date())
    case = stage.engine.evaluations.open("m", period, actor=OWEN)
    run_cases(stage, 3, hours=1)
    detail = judged(stage, case.id)
    figures = {each.key: each for each in detail.figures}
    median = figures["cycle_time.median"]
    assert (median.value, median.cases, median.light) == (2 * 86_400, 6, "red")
    assert median.target == "at most 1 day"
    assert (detail.title, detail.period) == (f"Evaluation of Managed, 2026-03-01 to {period.last}", period)
    assert (detail.framework, detail.opened_by.name) == (("rules", "R-0001", 1), "owen")
    assert next(iter(detail.figures)).target is not None, "figures with a target come first"
    variables = stage.engine.tasks.get(detail.task_id or "", OWEN).context
    assert [row["statistic"] for row in variables["judgements"]] == ["cycle_time.median"]
    assert "target at most 1 day" in variables["missed_targets"][0]["label"]


def test_the_lint_knows_with_which_variables_an_evaluation_begins(stage: Stage) -> None:
    stage.engine.evaluations.open("m", Q1, actor=OWEN)
    assert stage.engine.tasks.get(stage.task("judge", OWEN).id, OWEN).context.keys() == EVALUATED | {"initiator"}


@pytest.mark.parametrize("startable", [{}, {"candidateStarterGroups": "owners"}])
def test_the_form_of_an_evaluation_sees_what_that_begins_with(stage: Stage, startable: dict[str, str]) -> None:
    judge = user_task("judge", "Judge", formRef="judgement", candidateGroups="owners")
    model = process("e", start("s"), judge, end(), flows("s", "judge", "e"), properties=OWNER, **startable)
    choice = {"type": "select", "key": "missed", "label": "Missed", "valuesKey": "missed_targets"}
    shown = {"type": "text", "id": "Text_1", "text": "{{ period_form }} {{ period_to }} {{ initiator.name }}"}
    files = {"e.bpmn": model, "judgement.form": form("judgement", "findings", choice, shown)}
    told = [each for each in stage.engine.repository.check(files) if "unset-name" in each.rule]
    assert [(each.rule, each.element_id, each.remedy) for each in told] == [
        ("form-unset-name", "Text_1", "Did you mean 'period_from'?")
    ]


def test_only_owners_open_and_admins_see_figures(stage: Stage) -> None:
    for stranger in (ANN, Actor("olly", "Olly", frozenset({"process_owner"}), frozenset({"others"}))):
        with pytest.raises(NotFound):
            stage.engine.evaluations.open("m", Q1, actor=stranger)
        with pytest.raises(NotFound):
            stage.engine.evaluations.evaluations("m", stranger)
    with pytest.raises(NotPermitted):
        stage.engine.evaluations.open("m", Q1, actor=ADA)
    case = stage.engine.evaluations.open("m", Q1, actor=OWEN)
    stage.do("judge", OWEN, findings="Too slow.")
    seen = stage.engine.evaluations.evaluation("m", case.id, ADA)
    assert seen.figures
    assert (seen.inside, seen.findings, seen.judged_by, seen.actions, seen.task_id) == (False, "", None, (), None)
    assert judged(stage, case.id).findings == "Too slow."
    assert not stage.engine.evaluations.evaluations("m", ADA).may_open


def test_a_process_that_is_evaluated_by_the_same_definition_sees_nothing_of_the_others(stage: Stage) -> None:
    govern(stage)
    run_cases(stage, 1, days=2)
    stage.engine.evaluations.open("m", Q1, actor=OWEN)
    olaf = Actor("olaf", "Olaf", frozenset({"process_owner"}), frozenset({"others"}), "home")
    spying = replace(PROCESS, key="spying", cases=(), owner_group="others", framework=None)
    with stage.engine.database.write() as connection:
        managed.store(connection, [spying], stage.clock())
    assert stage.engine.evaluations.evaluations("m", OWEN).rows
    assert stage.engine.evaluations.evaluations("spying", olaf).rows == ()


def test_what_cannot_be_evaluated_is_said(stage: Stage) -> None:
    tomorrow = stage.clock.now.date() + timedelta(days=1)
    with pytest.raises(InputRefused) as refused:
        stage.engine.evaluations.open("m", Period(tomorrow, tomorrow), actor=OWEN)
    assert list(refused.value.messages) == ["until"]
    with pytest.raises(NotEvaluable):
        stage.engine.evaluations.open("p2", Q1, actor=OWEN) if _second_process(stage) else None
    with pytest.raises(NotFound):
        stage.engine.evaluations.evaluation("m", "0" * 32, OWEN)
    other = stage.start()
    with pytest.raises(NotFound):
        stage.engine.evaluations.evaluation("m", other.id, OWEN)
    assert stage.count("managed_process") == 2


def _second_process(stage: Stage) -> bool:
    """Store a process that names no model for its evaluation."""
    with stage.engine.database.write() as connection:
        managed.store(connection, [ManagedProcess(key="p2", name="Other", owner_group="owners")], MORNING)
    return True


def test_one_evaluation_is_open_until_it_is_judged(stage: Stage) -> None:
    first = stage.engine.evaluations.open("m", Q1, actor=OWEN)
    with pytest.raises(EvaluationOpen) as caught:
        stage.engine.evaluations.open("m", Q1, actor=OWEN)
    assert (caught.value.case_id, caught.value.number) == (first.id, first.number)
    shown = stage.engine.evaluations.evaluations("m", OWEN)
    assert (shown.may_open, first.number in (shown.hindrance or "")) == (False, True)
    stage.do("judge", OWEN, findings="Good.")
    second = stage.engine.evaluations.open("m", Q1, actor=OWEN)
    stage.engine.runtime.cancel(second.id, "Opened by mistake.", actor=OWEN)
    third = stage.engine.evaluations.open("m", Q1, actor=OWEN)
    listed = stage.engine.evaluations.evaluations("m", OWEN)
    assert [row.case.id for row in listed.rows] == [third.id, second.id, first.id]
    assert [row.judged_by.id if row.judged_by else None for row in listed.rows] == [None, None, "owen"]


def test_of_two_people_at_once_one_opens_it(stage: Stage) -> None:
    other = stage.another()
    opens = [partial(each.engine.evaluations.open, "m", Q1, actor=OWEN) for each in (stage, other)]
    outcomes = at_once(*opens, *opens)
    won = [each.result for each in outcomes if each.error is None]
    assert [type(each.error) for each in outcomes if each.error is not None] == [EvaluationOpen] * 3
    assert len(won) == 1
    assert {each.error.case_id for each in outcomes if isinstance(each.error, EvaluationOpen)} == {won[0].id}
    assert stage.value("SELECT count(*) FROM process_instance WHERE definition_key = 'e'") == 1
    assert stage.value("SELECT evaluation_id FROM managed_process WHERE key = 'm'") == won[0].id


def test_what_is_due_is_opened_once_by_any_number_of_schedulers(stage: Stage) -> None:
    govern(stage, effective_from="2026-03-02")
    assert stage.engine.evaluations.open_due() == 0
    stage.clock.now = MORNING + timedelta(days=31)
    shown = stage.engine.evaluations.evaluations("m", OWEN)
    assert shown.due_on == date(2026, 4, 2)
    others = [stage, stage.another(), stage.another()]
    outcomes = at_once(*(each.engine.evaluations.open_due for each in others))
    assert sorted(each.result for each in outcomes) == [0, 0, 1]
    (row,) = stage.engine.evaluations.evaluations("m", OWEN).rows
    assert (row.period, row.opened_by.name) == (Period(date(2026, 3, 2), date(2026, 4, 1)), "Comity")
    assert stage.engine.evaluations.open_due() == 0
    stage.do("judge", OWEN, findings="Good.")
    assert stage.engine.evaluations.open_due() == 0
    stage.clock.now = MORNING + timedelta(days=61)
    assert stage.engine.evaluations.open_due() == 1
    assert stage.engine.evaluations.evaluations("m", OWEN).rows[0].period == Period(date(2026, 4, 2), date(2026, 5, 1))


def test_what_is_due_waits_until_all_figures_are_there(stage: Stage) -> None:
    """It keeps the figures as they are: they have to be whole."""
    govern(stage, effective_from="2026-03-02")
    run_cases(stage, 2, days=3)
    stage.clock.now = MORNING + timedelta(days=31)
    with stage.engine.database.read() as connection:
        measured = managed.load(connection)["m"]
    with stage.engine.database.write() as connection:
        managed.store(connection, [replace(measured, send_backs=("again",))], stage.clock())
    assert stage.engine.evaluations.open_due() == 0
    stage.clock.pass_by(seconds=20)
    while stage.engine.management.compute_figures():
        assert stage.engine.evaluations.open_due() in (0, 1)
    stage.engine.evaluations.open_due()
    assert len(stage.engine.evaluations.evaluations("m", OWEN).rows) == 1


def test_the_scheduler_opens_what_is_due_and_goes_on_when_it_cannot(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    govern(stage, effective_from="2026-03-02")
    stage.clock.now = MORNING + timedelta(days=40)
    scheduler = stage.engine.scheduler(cap_seconds=0.01)
    scheduler.start()
    wait_for(lambda: len(stage.engine.evaluations.evaluations("m", OWEN).rows) == 1)
    scheduler.stop()

    def broken() -> int:
        raise RuntimeError("the figures are away")

    monkeypatch.setattr(stage.engine.evaluations, "open_due", broken)
    again = stage.engine.scheduler(cap_seconds=0.01)
    ran = 0

    def run_due(limit: int = 100, *, operations: bool = True) -> int:
        nonlocal ran
        ran += 1
        return 0

    monkeypatch.setattr(stage.engine.management, "run_due", run_due)
    again.start()
    wait_for(lambda: ran > 2)
    again.stop()
    assert [each.exc_text for each in caplog.records if "the figures are away" in (each.exc_text or "")][1:] == []


def test_a_framework_of_long_ago_is_evaluated_since_the_earliest_day(stage: Stage) -> None:
    govern(stage, review_interval="P1M", effective_from="0001-01-01")
    with pytest.raises(InputRefused, match="attention") as refused:
        stage.engine.evaluations.open("m", Period(date(1, 1, 1), date(2026, 1, 1)), actor=OWEN)
    assert refused.value.messages == {"from": ["The period begins on 0001-01-01: choose a day from 2000-01-01 on."]}
    assert stage.engine.evaluations.open_due() == 1
    assert stage.engine.evaluations.evaluations("m", OWEN).rows[0].period.first == date(2000, 1, 1)


def wait_for(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("interval", [None, "", "every month", "P10000Y", "P0D", "PT1S", "-P1M"])
def test_without_a_usable_interval_nothing_is_due(stage: Stage, interval: str | None) -> None:
    govern(stage, review_interval=interval)
    stage.clock.pass_by(days=1_000)
    assert stage.engine.evaluations.open_due() == 0
    assert stage.engine.evaluations.evaluations("m", OWEN).due_on is None


@pytest.mark.parametrize(
    ("cases", "again", "now", "word"),
    [
        (5, False, 3 * 3_600, "better"),
        (4, False, 3 * 3_600, "too few cases"),
        (5, True, 3 * 86_400, "too early"),  # the same period once more
    ],
)
def test_the_next_evaluation_looks_at_the_actions_of_the_one_before(
    stage: Stage, cases: int, again: bool, now: int, word: str
) -> None:
    govern(stage)
    run_cases(stage, 5, days=3)
    first_days = Period(date(2026, 3, 2), stage.clock.now.date())
    first = stage.engine.evaluations.open("m", first_days, actor=OWEN)
    stage.do("judge", OWEN, findings="Too slow.")
    action = {"action": "Ask earlier", "owner": "user:ann", "measure": "cycle_time.median", "figure_then": 3 * 86_400}
    stage.do("agree", OWEN, **action)
    (agreed,) = judged(stage, first.id).actions
    assert (agreed.number, agreed.state, agreed.figure) == ("IA-0001", "open", "Cycle time, median")
    assert agreed.task_id == stage.task("act", OWEN).id
    stage.clock.pass_by(days=1)
    run_cases(stage, cases, hours=3)
    next_days = Period(first_days.last + timedelta(days=1), stage.clock.now.date())
    second = stage.engine.evaluations.open("m", first_days if again else next_days, actor=OWEN)
    stage.do("act", OWEN, **action)
    (before,) = judged(stage, second.id).previous
    assert (before.then, before.now, before.effect, before.state) == (3 * 86_400, now, word, "done")
    assert stage.engine.evaluations.evaluations("m", OWEN).rows[1].actions_open == 0
