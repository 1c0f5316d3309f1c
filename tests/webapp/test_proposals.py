"""Whoever approves the next version of a record sees, field by field, what it changes, and when it has moved on."""

from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, reads, start, store, user_task
from tests.engine.stage import form
from tests.webapp.site import Page, Site, Visitor

_REGISTERS = b"""
registers:
  - key: rules
    name: Rules
    singular: Rule
    variable: rule
    prefix: RULE
    form: rule
    title: title
    singleton: true
    readers: [staff]
"""


def offered(site: Site) -> str:
    """Return the address of a task that compares a draft with the rule in force."""
    draft = user_task(
        "draft", "Draft", reads("seen"), {"formVariable": "proposed"}, candidateGroups="owners", formRef="rule"
    )
    judge = user_task("judge", "Judge", "", {"compare": "rule, proposed"}, candidateGroups="owners", formRef="verdict")
    model = process(
        "change_rule",
        start(),
        draft,
        judge,
        end(),
        store("seen", "rules"),
        flows("s", "draft", "judge", "e"),
        properties={"ownerGroup": "owners"},
        candidateStarterGroups="process_owner",
    )
    files = {
        "change_rule.bpmn": model,
        "registers.yaml": _REGISTERS,
        "rule.form": form("rule", "title", "limit", "note"),
    }
    site.engine.repository.deploy({**files, "verdict.form": form("verdict", "verdict")}, name="Rules", actor=ENGINE)
    site.engine.registers.save("rules", None, {"title": "One", "limit": "5", "note": "old"}, actor=ENGINE)
    petra = site.engine.identity.actor("petra")
    case = site.engine.runtime.start("change_rule", {}, actor=petra)
    site.engine.tasks.complete(site.task_of(case), {"title": "One", "limit": "7"}, actor=petra)
    return f"/tasks/{site.task_of(case)}"


def compared(page: Page) -> list[list[str]]:
    rows = page.tree.xpath("//table[contains(@class, 'differences')]/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("*")] for row in rows]


def test_what_differs_is_shown_field_by_field(site: Site, petra: Visitor) -> None:
    page = petra.get(offered(site))
    assert compared(page) == [["Limit", "5", "7"], ["Note", "old", "Not given"]]
    assert "In force, version 1" in page.text
    assert "has moved on" not in page.text


def test_that_it_has_moved_on_is_said_on_the_page_and_when_it_is_sent(site: Site, petra: Visitor) -> None:
    address = offered(site)
    seen = petra.get(address)
    site.engine.registers.save("rules", "RULE-0001", {"title": "One", "limit": "6"}, base=1, actor=ENGINE)
    refused = petra.post(address, {**seen.form(address), "verdict": "good"}, 409)
    assert "Look again before you send this" in refused.text
    assert refused.value("verdict") == "good"
    for page in (refused, petra.get(address)):
        assert "Rule RULE-0001 has moved on to version 2" in page.text
        assert compared(page) == [["Limit", "6", "7"]]
    petra.post(address, {**refused.form(address), "verdict": "good"})
