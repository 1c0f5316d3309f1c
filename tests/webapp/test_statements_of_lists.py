"""How many statements pages with lists take: the same for twenty rows as for two, whoever they name."""

import contextlib
from typing import Final

import pytest

from engine import managed
from engine.errors import StepFailed
from engine.metrics.process import ManagedProcess
from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import end, flows, process, start, user_task
from tests.engine.stage import form
from tests.webapp.site import Site, files
from tests.webapp.test_imports import WISHES
from tests.webapp.test_matrix import ORDERED, REPORT
from tests.webapp.test_statements import cost

FEW, MANY = 2, 20

PAGES: Final = {
    "petra": (
        "/tasks",
        "/tasks?show=others",
        "/cases?show=all",
        "/cases?failed=1",
        "/start",
        "/registers",
        "/registers/wishes",
        "/registers/customers",
        "/outbox",
        "/outbox?state=handed+over",
        "/failures",
        "/failures?state=resolved",
        "/processes",
        "/performance",
        "/performance/handle_wish",
        "/performance/handle_wish/cases",
        "/performance/handle_wish/comments",
        "/measures",
        "/reports",
        "/reports/handle_wish/wishes",
        "/supported",
        "/imports",
    ),
    "anna": ("/tasks", "/cases", "/imports"),
    "ines": ("/cases", "/registers/wishes", "/supported", "/start", "/reports"),
    "adam": ("/people", "/processes", "/performance", "/failures"),
}


def people(site: Site, number: int) -> None:
    """Add a customer, somebody of theirs, and somebody at the desk with a group of their own."""
    site.engine.registers.save(
        "customers", None, {"code": f"org{number}", "name": f"Organisation {number}"}, actor=ENGINE
    )
    site.engine.identity.create_group(f"group{number}", f"Group {number}", actor=ENGINE)
    site.engine.identity.create_user(
        f"from{number}", f"From {number}", actor=ENGINE, roles=("originator",), organisation_id=f"org{number}"
    )
    site.engine.identity.create_user(
        f"desk{number}", f"Desk {number}", actor=ENGINE, roles=("staff",), groups=("desk", f"group{number}")
    )


def wishes(site: Site, number: int) -> None:
    """Hand wishes in: one stays open, one is claimed, one answered and judged, one fails, one fails and goes on."""
    origin, desk = site.engine.identity.actor(f"from{number}"), site.engine.identity.actor(f"desk{number}")
    site.wish(f"Open {number}", by=origin.user_id)
    claimed, answered, failed, mended = (site.wish(f"Wish {each} {number}", by=origin.user_id) for each in range(4))
    site.engine.tasks.claim(site.task_of(claimed), actor=desk)
    site.clock.pass_(seconds=10)
    site.engine.tasks.complete(site.task_of(answered), {"decision": "yes"}, actor=desk)
    site.engine.feedback.give(answered.id, 4, f"Fine, says {number}", actor=origin)
    sent = site.engine.management.outbox(ENGINE, state="pending").rows
    if number % 2:
        site.engine.management.hand_over(sent[0].id, actor=desk)
    for case in (failed, mended):
        with contextlib.suppress(StepFailed):
            site.engine.tasks.complete(site.task_of(case), {"decision": "lost"}, actor=desk)
    site.engine.tasks.complete(site.task_of(mended), {"decision": "no", "why": "No pens"}, actor=desk)
    theirs = site.wish(f"From nora {number}", by="nora")
    record = site.engine.history.case(theirs.id, ENGINE).records[0].ref
    for supporter, organisation in (("ines", None), ("petra", None), (desk.user_id, f"org{number}")):
        actor = site.engine.identity.actor(supporter)
        site.engine.support.support(record.register, record.id, actor=actor, organisation=organisation)
    site.wish(f"From ines {number}")


def definitions(site: Site, number: int) -> None:
    """Deploy another process with its register, let it be managed, and let one of its cases not start."""
    key, owned = f"other{number}", {"ownerGroup": "owners"}
    register = (
        f"registers:\n  - {{key: {key}, name: Register {number}, variable: v{number}, prefix: R{number},"
        " form: other, title: title, readers: [staff, originator], maintainers: [owners]}\n"
    )
    model = process(
        key, start(), user_task("a", candidateGroups="desk"), end(), flows("s", "a", "e"), properties=owned,
        candidateStarterGroups="staff,originator",
    )  # fmt: skip
    content = {f"{key}.bpmn": model, "registers.yaml": register.encode(), "other.form": form("other", "title")}
    site.engine.repository.deploy(content, name=key, actor=ENGINE)
    with site.engine.database.write() as connection:
        named = ManagedProcess(key, f"Other {number}", owner_group="owners", cases=(key,))
        managed.store(connection, [named], site.clock())
    site.engine.runtime.start(key, {}, actor=site.engine.identity.actor("petra"))
    site.engine.runtime.send_message("order", None, {}, actor=ENGINE)
    for user_id in ("petra", "anna"):
        actor = site.engine.identity.actor(user_id)
        site.engine.import_runs.upload(f"{number}.csv", b"Title\nA red pen\n", WISHES, actor=actor)


def add(site: Site, numbers: range) -> None:
    for number in numbers:
        people(site, number)
        wishes(site, number)
        definitions(site, number)


def prepared(site: Site) -> Site:
    managed_wishes = REPORT + b"  feedback: How was it?\n"
    site.engine.repository.deploy({"process.yaml": managed_wishes}, name="Report", actor=ENGINE)
    site.engine.repository.deploy({"ordered.bpmn": ORDERED}, name="Orders", actor=ENGINE)
    return site


def costs(site: Site) -> dict[tuple[str, str], int]:
    return {(who, path): cost(site, site.visit_as(who), path) for who, paths in PAGES.items() for path in paths}


@pytest.mark.slow
def test_no_list_takes_more_statements_for_more_rows(site: Site) -> None:
    prepared(site)
    add(site, range(FEW))
    few = costs(site)
    add(site, range(FEW, MANY))
    many = costs(site)
    assert {page: (few[page], many[page]) for page in few if many[page] != few[page]} == {}


def grown(site: Site, case: CaseRef, numbers: range) -> None:
    """Let many people deal with one case and its record, and publish other versions of its process."""
    (record,) = {use.ref for use in site.engine.history.case(case.id, ENGINE).records if use.produced}
    for number in numbers:
        people(site, number)
        desk = site.engine.identity.actor(f"desk{number}")
        task = site.task_of(case)
        site.engine.tasks.claim(task, actor=desk)
        site.engine.runtime.comment(case.id, f"Says {number}", "staff", actor=desk)
        site.engine.tasks.release(task, actor=desk)
        site.engine.support.support("wishes", record.id, actor=desk, organisation=f"org{number}")
        newest = site.engine.registers.record("wishes", record.id, ENGINE).row.version
        site.engine.registers.save("wishes", record.id, {"title": f"Pen {number}"}, actor=ENGINE, base=newest)
        model = files()["handle_wish.bpmn"].replace(b"the desk answers", f"desk {number} answers".encode())
        site.engine.repository.deploy({"handle_wish.bpmn": model}, name="Next", actor=ENGINE)


def test_no_page_of_one_thing_takes_more_for_a_longer_history(site: Site) -> None:
    case = site.wish()
    detail = site.engine.history.case(case.id, ENGINE)
    definition, record = detail.models[0].definition_id, detail.records[0].ref.id
    place = f"/registers/wishes/records/{record}"
    paths = [
        *(f"/cases/{case.id}", f"/cases/{case.id}?history=all", f"/cases/{case.id}/comments"),
        *(f"/tasks/{site.task_of(case)}", f"/tasks?task={site.task_of(case)}"),
        *(place, f"{place}/compare", f"{place}/change"),
        *(f"/processes/versions/{definition}", f"/processes/versions/{definition}/move", f"/cases/{case.id}/mend"),
    ]
    spent = []
    for numbers in (range(FEW), range(FEW, MANY)):
        grown(site, case, numbers)
        spent.append({path: cost(site, site.visit_as("petra"), path) for path in paths})
    few, many = spent
    assert {path: (few[path], many[path]) for path in paths if few[path] != many[path]} == {}
