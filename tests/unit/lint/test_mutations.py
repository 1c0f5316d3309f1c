"""Models that are broken at random: the lint says why, or they can be built, and their cases run or fail as steps."""

import random
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from lxml import etree

from engine.bpmn.case.context import ProcessSource
from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.lint import lint
from engine.bpmn.model.facts import ProcessFacts, processes_in
from engine.bpmn.model.xml import XmlRefused
from engine.bpmn.reading.executable import build
from engine.decisions import Decision, DecisionResult
from engine.errors import BudgetSpent, ConcurrentUpdate, StepFailed
from tests.bpmn_cases import Running, register
from tests.unit.bpmn.eventful import EVENTFUL
from tests.unit.bpmn.everything import CALLED, EVERYTHING
from tests.unit.lint import event_examples, start_examples
from tests.unit.lint.models import GOOD, ORDER, SERVICE, Shelf
from tests.unit.lint.mutations import BPMN, mutated

ROOT = Path(__file__).parents[3]
SEEDS = [
    *(model.encode() for model in (GOOD, SERVICE, *event_examples.GOOD_EXAMPLES, *start_examples.GOOD_EXAMPLES)),
    EVERYTHING.replace(b"st_need_out", b"st_need_first", 1),
    EVENTFUL,
    *(path.read_bytes() for path in sorted(ROOT.glob("workflows/*/*.bpmn"))),
]
MODELS = 12
"""How many mutants of each model are looked at."""

MOST_STEPS = 12


class Willing(Shelf):
    """A catalog in which every form, decision, process, group and register exists."""

    def form_exists(self, key: str) -> bool:
        return bool(key)

    def form_fields(self, key: str) -> None:
        del key

    def decision_exists(self, key: str) -> bool:
        return bool(key)

    def process_exists(self, key: str) -> bool:
        return bool(key)

    def register(self, key_or_name: str) -> RegisterFacts:
        return replace(super().register(key_or_name) or register(key_or_name), statuses=())

    def group_exists(self, key: str) -> bool:
        return bool(key)


class _Decides:
    """A decision with one answer."""

    names = frozenset[str]()

    def evaluate(self, *_: object, **__: object) -> DecisionResult:
        return DecisionResult("Rating", "high", ({"rating": "high"},))


def _source(facts: ProcessFacts, content: bytes) -> ProcessSource:
    decisions = {key: cast("Decision", _Decides()) for key in facts.decisions}
    registers = {use.register: Willing().register(use.register) for use in facts.registers}
    return ProcessSource(facts.key, f"{facts.key}:1", "needs.bpmn", content, decisions, registers)


def _called(content: bytes, keys: set[str]) -> list[ProcessSource]:
    """Return a process for every call of the model that leads out of it."""
    calls = etree.fromstring(content).iter(f"{BPMN}callActivity")
    found = []
    for key in sorted({(node.get("calledElement") or "").strip() for node in calls} - {"", *keys}):
        root = etree.fromstring(CALLED)
        next(root.iter(f"{BPMN}process")).set("id", key)
        found.append(ProcessSource(key, f"{key}:1", f"{key}.bpmn", etree.tostring(root)))
    return found


def _run(content: bytes, first: ProcessFacts, others: list[ProcessFacts], chance: random.Random) -> None:
    sources = [_source(each, content) for each in (first, *(other for other in others if other is not first))]
    executable = build([*sources, *_called(content, {source.key for source in sources})])
    for _ in range(2):
        try:
            run = Running(executable, operations=[ORDER])
            run.limits["max_tasks"] = 300
            plain = executable.root.entry.trigger is None
            run = run.start(amount=3, title="t") if plain else run.begin(executable.root.entry.name, {"amount": 3})
            for _ in range(MOST_STEPS):
                _step(run, chance)
        except (StepFailed, BudgetSpent, ConcurrentUpdate):
            continue


def _step(run: Running, chance: random.Random) -> None:
    actions = [lambda task=task: run.complete(task.task_id, amount=2) for task in run.step.open_tasks]
    actions += [lambda timer=timer: run.fire(timer.task_id) for timer in run.step.timers]
    actions += [
        lambda each=each: (
            run.signal(each.message_name)
            if each.kind == "signal"
            else run.receive(each.message_name, {"a": 1}, each.correlation_key)
        )
        for each in run.step.subscriptions
    ]
    actions += [lambda each=each: run.finish(each.element_id, number="1") for each in run.step.operations]
    if actions and not run.step.finished:
        chance.choice(actions)()
    run.now = max([run.now, *(timer.due_at for timer in run.step.timers[:1])])


def looked_at(content: bytes, chance: random.Random) -> bool:
    """Look at one model, and say whether it had no errors."""
    found = lint({"needs.bpmn": content}, Willing())
    try:
        facts = [each for each in processes_in(content, "needs.bpmn") if each.executable]
    except XmlRefused:
        assert found
        return False
    if any(finding.severity == "error" for finding in found):
        return False
    for each in facts:
        _run(content, each, facts, chance)
    return True


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_a_broken_model_is_refused_or_runs(number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - not for secrets
    assert looked_at(SEEDS[number], chance)
    fine = 0
    for _ in range(MODELS):
        content = mutated(SEEDS[number], chance, chance.randint(1, 2))
        try:
            fine += looked_at(content, chance)
        except Exception as error:
            raise AssertionError(content.decode()) from error
    assert fine
