"""A site with figures: a managed process with targets, and wishes that were answered at different speeds."""

import json
from datetime import timedelta
from pathlib import Path

from engine.types import ENGINE
from tests.webapp.site import BEGIN, Site, files, open_site

PROCESS = b"""
process:
  key: wishes_process
  name: Wishes
  reference: A99
  owner_group: owners
  cases: [handle_wish]
  framework: wish_rules
  feedback: How content are you with the answer?
  send_backs: [ask]
  measures:
    - key: asked_back
      name: Asked back
      kind: count
      definition: How often the desk asked back.
      better: lower
      of: {kind: activity.completed, element: Task_Answer, outcome: ask}
"""
REGISTER = b"""
  - key: wish_rules
    name: Rules for wishes
    singular: Rule
    variable: rules
    prefix: WR
    form: wish_rules
    title: title
    singleton: true
    readers: [staff]
    maintainers: [owners]
"""
FIELDS = ("title", "purpose", "process_owner", "roles", "review_interval", "effective_from", "running_cases")
FORM = json.dumps(
    {
        "type": "default",
        "id": "wish_rules",
        "schemaVersion": 19,
        "components": [
            *({"type": "textfield", "key": name, "label": name} for name in (*FIELDS, "measures")),
            {
                "type": "dynamiclist",
                "id": "Targets",
                "path": "targets",
                "label": "Targets",
                "components": [
                    {"type": "textfield", "key": "measure", "label": "Measure"},
                    {"type": "textfield", "key": "target", "label": "Target"},
                ],
            },
        ],
    }
).encode()

TARGETS = [
    {"measure": "cycle_time.median", "target": "at most 1 day"},
    {"measure": "first_time_right", "target": "at least 50 %"},
]


def figured(template: Path, folder: Path, cases: int = 8) -> Site:
    """Return a site with the managed process `wishes_process` and `cases` wishes that were answered, two still open.

    All of it lies in the days before the site's clock begins: sessions of other tests begin with it.
    """
    site = open_site(template, folder)
    site.clock.now = BEGIN - timedelta(days=13)
    registers = files()["registers.yaml"] + REGISTER
    content = {**files(), "registers.yaml": registers, "wish_rules.form": FORM, "process.yaml": PROCESS}
    site.engine.repository.deploy(content, name="Figures", actor=ENGINE)
    site.engine.registers.save("wish_rules", None, {"title": "Rules", "targets": TARGETS}, actor=ENGINE)
    for number in range(cases):
        answer(site, number)
    assert site.clock.now < BEGIN
    site.clock.now = BEGIN - timedelta(hours=1)
    site.wish("Still open")
    site.wish("Also open", by="omar")
    site.clock.now = BEGIN
    return site


def answer(site: Site, number: int) -> str:
    """Hand a wish in and answer it, every third one with no; return its id. A day and some hours go by."""
    desk = site.engine.identity.actor("anna" if number % 2 else "ben")
    case = site.wish(f"Wish {number}", by="omar" if number % 4 == 3 else "ines")
    site.clock.pass_(hours=30 + number)
    task = site.task_of(case)
    site.engine.tasks.claim(task, actor=desk)
    site.clock.pass_(hours=2)
    values = {"decision": "no", "why": "Too dear"} if number % 3 == 0 else {"decision": "yes"}
    site.engine.tasks.complete(task, values, actor=desk)
    return case.id
