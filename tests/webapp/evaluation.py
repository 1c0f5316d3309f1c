"""Owns an evaluation for tests of pages: wishes become a process with a framework that sets targets."""

from datetime import timedelta
from typing import Any

from engine import managed
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import element, end, flows, into, process, start
from tests.engine.stage import form
from tests.webapp.site import Site
from webapp import shipped

PROCESS = "handle_wish"
_OWNERS = """<camunda:in sourceExpression='"owners"' target="owner_group"/>"""
_ALL = '<camunda:in variables="all"/><camunda:out variables="all"/>'
_REGISTERS = b"""
registers:
  - key: wish_rules
    name: Wish rules
    variable: rule
    prefix: WR
    form: rule
    title: title
    singleton: true
    readers: [process_owner]
"""
_TARGETS: dict[str, Any] = {
    "type": "dynamiclist",
    "label": "Targets",
    "path": "targets",
    "components": [
        {"type": "textfield", "key": "measure", "label": "Measure"},
        {"type": "textfield", "key": "target", "label": "Target"},
    ],
}
_TOLD: list[dict[str, str]] = [
    {"measure": "cycle_time.median", "target": "at most 10 minutes"},
    {"measure": "outcomes", "target": "at least 50 %"},
]


def prepare(site: Site) -> None:
    """Let wishes be evaluated by models and a framework; doing it twice changes nothing."""
    if any(summary.definition.key == "wish_rules" for summary in site.engine.registers.registers(ENGINE)):
        return
    judge = element(
        "callActivity",
        "judge",
        attributes='calledElement="evaluate_process"',
        extension=_OWNERS + _ALL,
    )
    act = element(
        "callActivity",
        "act",
        attributes='calledElement="carry_out_action"',
        extension=_each("action", "owner", "due", "measure") + into("process", "process")
        + into("process_evaluation", "process_evaluation"),
        inner='<bpmn:multiInstanceLoopCharacteristics camunda:collection="actions" camunda:elementVariable="agreed"/>',
    )  # fmt: skip
    facts = {"ownerGroup": "owners", "title": "evaluation_title"}
    model = process("evaluate_wishes", start(), judge, act, end(), flows("s", "judge", "act", "e"), properties=facts)
    site.engine.repository.deploy(shipped.areas()["management"], name="Shared", actor=ENGINE)
    files = {
        "evaluate_wishes.bpmn": model,
        "registers.yaml": _REGISTERS,
        "rule.form": form("rule", "title", "review_interval", _TARGETS),
    }
    site.engine.repository.deploy(files, name="Evaluation", actor=ENGINE)
    site.engine.registers.save("wish_rules", None, {"title": "Rules", "targets": _TOLD}, actor=ENGINE)
    wishes = ManagedProcess(
        PROCESS,
        "Wishes",
        "A99",
        owner_group="owners",
        cases=("handle_wish",),
        framework="wish_rules",
        evaluate="evaluate_wishes",
    )
    with site.engine.database.write() as connection:
        managed.store(connection, [wishes], site.clock())


def answer_wishes(site: Site, count: int = 6) -> None:
    """Hand wishes in and answer them twenty minutes later."""
    cases = [site.wish(f"Pen {number}") for number in range(count)]
    site.clock.pass_(minutes=20)
    for case in cases:
        desk = site.engine.identity.actor("anna")
        site.engine.tasks.complete(site.task_of(case), {"decision": "no", "why": "No pens"}, actor=desk)


def evaluation(site: Site) -> CaseRef:
    """Return a new evaluation that waits to be judged."""
    prepare(site)
    answer_wishes(site)
    today = site.clock.now.date()
    period = Period(today - timedelta(days=30), today)
    return site.engine.evaluations.open(PROCESS, period, actor=site.engine.identity.actor("petra"))


def _each(*names: str) -> str:
    named = '<camunda:in sourceExpression="owner_options[value = agreed.owner].label[1]" target="owner_name"/>'
    return named + "".join(f'<camunda:in sourceExpression="agreed.{name}" target="{name}"/>' for name in names)
