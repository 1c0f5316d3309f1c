"""A draft kept apart from the record it is to become: what was left empty is cleared, what moved on is told."""

import pytest

from engine.errors import ConcurrentUpdate
from engine.types import ENGINE
from tests.bpmn_models import call, element, end, flows, into, out, process, reads, start, store, user_task, writes
from tests.engine.stage import ANN, BEN, STARTERS, Stage, form

RULES = b"""
registers:
  - key: rules
    name: Rules
    variable: rule
    prefix: R
    form: rule
    title: title
    singleton: true
    readers: [staff]
    maintainers: [staff]
"""


def deploy(stage: Stage) -> None:
    """Deploy a process that drafts a rule, asks a called process whether it is good, and writes it."""
    draft = user_task(
        "draft",
        "Draft",
        reads("seen"),
        properties={"formVariable": "proposed"},
        candidateGroups="analysts",
        formRef="rule",
    )
    force = element(
        "manualTask", "force", "Put into force", reads("kept") + writes("kept"), properties={"rules.body": "proposed"}
    )
    judge = user_task(
        "judge",
        "Judge",
        properties={"compare": "rule, proposed"},
        candidateGroups="analysts",
        formRef="verdict",
    )
    ways = into("rule", "rule") + into("proposed", "proposed") + out("rule", "rule")
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            draft,
            call("asked", "q", ways),
            force,
            end(),
            store("seen", "rules"),
            store("kept", "rules"),
            flows("s", "draft", "asked", "force", "e"),
            **STARTERS,
        ),
        q__bpmn=process("q", start("s2"), judge, end("e2"), flows("s2", "judge", "e2")),
        registers__yaml=RULES,
        rule__form=form("rule", "title", "limit", "note"),
        verdict__form=form("verdict", "verdict"),
    )


def body(stage: Stage) -> dict[str, object]:
    return dict(stage.engine.registers.record("rules", "R-0001", ENGINE).body)


def test_a_field_that_was_left_empty_is_cleared(stage: Stage) -> None:
    deploy(stage)
    stage.engine.registers.save("rules", None, {"title": "One", "limit": "5", "note": "old"}, actor=BEN)
    stage.start(actor=ANN)
    stage.do("draft", title="Two", limit="", note=None)
    stage.do("judge", verdict="good")
    assert body(stage) == {"title": "Two"}


def test_a_page_offers_what_was_drafted_and_shows_what_differs(stage: Stage) -> None:
    deploy(stage)
    stage.engine.registers.save("rules", None, {"title": "One", "limit": "5"}, actor=BEN)
    stage.start(actor=ANN)
    stage.do("draft", title="Two", limit="5")
    shown = stage.engine.tasks.get(stage.task("judge").id, ANN).proposal
    assert shown is not None
    assert shown.before is not None
    assert (shown.before.ref.version, shown.before.body["title"], shown.moved_on) == (1, "One", False)
    assert (shown.after["title"], shown.form) == ("Two", shown.before.form)


def test_the_first_version_is_shown_with_the_form_of_its_register(stage: Stage) -> None:
    deploy(stage)
    stage.start(actor=ANN)
    stage.do("draft", title="First", limit="1")
    shown = stage.engine.tasks.get(stage.task("judge").id, ANN).proposal
    assert shown is not None
    assert (shown.before, shown.after["title"]) == (None, "First")
    stage.do("judge", verdict="good")
    assert body(stage)["title"] == "First"


def test_who_compared_with_an_older_version_is_told(stage: Stage) -> None:
    deploy(stage)
    stage.engine.registers.save("rules", None, {"title": "One"}, actor=BEN)
    case = stage.start(actor=ANN)
    stage.do("draft", title="Two")
    task = stage.task("judge")
    (seen,) = stage.engine.tasks.get(task.id, ANN).reads
    stage.engine.registers.save("rules", "R-0001", {"title": "Between"}, base=1, actor=BEN)
    with pytest.raises(ConcurrentUpdate):
        stage.engine.tasks.complete(task.id, {"verdict": "good"}, actor=ANN, shown=[seen.ref])
    newer = stage.engine.tasks.get(task.id, ANN)
    assert newer.proposal is not None
    assert newer.proposal.before is not None
    assert (newer.proposal.before.ref.version, newer.proposal.moved_on) == (2, True)
    stage.engine.tasks.complete(task.id, {"verdict": "good"}, actor=ANN, shown=[read.ref for read in newer.reads])
    assert body(stage)["title"] == "Two"
    uses = stage.engine.history.case(case.id, ANN).records
    assert [use.ref.version for use in uses if not use.produced][-1] == 2
