"""Who gets which page: every address of the site by every role, a foreign organisation and nobody at all included."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from engine.errors import StepFailed
from engine.types import ENGINE
from engine.views import CaseRef
from tests.bpmn_models import end, flows, message, message_event, process, script, start
from tests.webapp import evaluation
from tests.webapp.site import PASSWORD, Site, files
from webapp.import_fields import Choice
from webapp.sessions import PUBLIC

# ines: originator of the case; nora: her organisation; omar: another one; anna: has the task; sam: staff elsewhere;
# petra: owns the process; oscar: owns others; adam: admin
EVERYBODY = ("ines", "nora", "omar", "anna", "sam", "petra", "oscar", "adam")


@dataclass(frozen=True)
class Entry:
    """Who may: for them the answer is below 400, for all others 404.

    For `seeing`, who see the thing but may not do this, it is 403, or 409 where somebody else has it.

    `body` is sent by POST. `answer` is what everybody in `who` gets when no case can be made to succeed here.
    """

    who: tuple[str, ...]
    seeing: tuple[str, ...] = ()
    body: Mapping[str, str] | None = None
    answer: int | None = None


INVOLVED = ("ines", "nora", "anna", "petra")
PROVIDERS = ("anna", "sam", "petra", "oscar")
WORKERS = ("ines", "nora", "omar", *PROVIDERS)
STARTERS = ("ines", "nora", "omar", "anna", "sam", "petra")
OTHERS = ("anna", "sam", "oscar", "adam")
READERS = ("ines", "nora", "anna", "sam", "petra")
REGISTER = ("ines", "nora", "omar", "anna", "sam", "petra", "oscar")

MATRIX: dict[tuple[str, str], Entry] = {
    ("GET", "home.show"): Entry(EVERYBODY),
    ("GET", "health.health"): Entry(EVERYBODY),
    ("GET", "static"): Entry(EVERYBODY),
    ("GET", "sign_in.show"): Entry(EVERYBODY),
    ("POST", "sign_in.submit"): Entry(EVERYBODY, body={"name": "anna", "password": "wrong"}, answer=422),
    ("POST", "sign_in.sign_out"): Entry(EVERYBODY, body={}),
    ("GET", "account.show"): Entry(EVERYBODY),
    ("POST", "account.change_password"): Entry(EVERYBODY, body={}, answer=422),
    ("POST", "account.end_sessions"): Entry(EVERYBODY, body={}),
    ("POST", "account.set_theme"): Entry(EVERYBODY, body={"theme": "dark"}),
    ("POST", "account.set_time_zone"): Entry(EVERYBODY, body={"zone": "Europe/Berlin"}),
    ("GET", "tasks.worklist"): Entry(EVERYBODY),
    ("GET", "tasks.show"): Entry(INVOLVED),
    ("POST", "tasks.complete"): Entry(("anna",), ("ines", "nora", "petra"), {"decision": "ask"}),
    ("POST", "tasks.claim"): Entry(("anna",), ("ines", "nora", "petra"), {}),
    ("POST", "tasks.release"): Entry(("anna", "petra"), ("ines", "nora"), {}),
    ("POST", "tasks.assign"): Entry(("petra",), ("ines", "nora", "anna"), {"person": "ben"}),
    ("GET", "start.choose"): Entry(WORKERS),
    ("GET", "start.show"): Entry(STARTERS),
    ("POST", "start.submit"): Entry(STARTERS, body={"title": "A blue pen"}),
    ("GET", "cases.listing"): Entry(WORKERS),
    ("GET", "cases.show"): Entry(INVOLVED),
    ("GET", "cases.model"): Entry(INVOLVED),
    ("GET", "comments.listing"): Entry(INVOLVED),
    ("POST", "cases.comment"): Entry(INVOLVED, body={"text": "Hello"}),
    ("POST", "cases.follow"): Entry(INVOLVED, body={}),
    ("POST", "cases.unfollow"): Entry(INVOLVED, body={}),
    ("POST", "cases.cancel"): Entry(("petra",), ("ines", "nora", "anna"), {"reason": "A mistake"}),
    ("POST", "cases.read"): Entry(INVOLVED, body={}),
    ("POST", "cases.read_all"): Entry(WORKERS, body={}),
    ("POST", "cases.withdraw"): Entry(("ines",), ("nora", "anna", "petra"), {"reason": "Not needed"}),
    ("POST", "cases.feedback"): Entry(("ines",), ("nora", "anna", "petra"), {"score": "4"}),
    ("GET", "registers.listing"): Entry(WORKERS),
    ("GET", "registers.show"): Entry(REGISTER),
    ("GET", "registers.record"): Entry(READERS),
    ("GET", "registers.compare"): Entry(READERS),
    ("POST", "support.support"): Entry(("nora", "anna", "sam", "petra"), ("ines",), {"note": "Me too"}),
    ("POST", "support.unsupport"): Entry(READERS, body={}),
    ("GET", "support.listing"): Entry(WORKERS),
    ("POST", "start.alike"): Entry(STARTERS, body={"title": "A blue pen"}),
    ("GET", "reports.listing"): Entry(WORKERS),
    ("POST", "reports.issue"): Entry(("petra",), tuple(name for name in REGISTER if name != "petra"), {}),
    **{("GET", f"reports.{page}"): Entry(REGISTER) for page in ("show", "csv")},
    ("GET", "registers.new"): Entry(("petra",), tuple(name for name in REGISTER if name != "petra")),
    ("POST", "registers.add"): Entry(
        ("petra",), tuple(name for name in REGISTER if name != "petra"), {"title": "By form"}
    ),
    ("GET", "registers.change"): Entry(("petra",), ("ines", "nora", "anna", "sam")),
    ("POST", "registers.save"): Entry(("petra",), ("ines", "nora", "anna", "sam"), {"title": "Changed", "_base": "1"}),
    ("GET", "imports.listing"): Entry(PROVIDERS),
    ("POST", "imports.upload"): Entry(PROVIDERS, body={}, answer=422),
    **{("GET", f"imports.{page}"): Entry(("anna",)) for page in ("show", "mapping", "preview")},
    ("POST", "imports.read"): Entry(("anna",), body={"what": "next"}),
    ("POST", "imports.fill"): Entry(("anna",), body={"fill-title": "column:Title"}),
    **{("GET", f"import_runs.{page}"): Entry(("anna",)) for page in ("progress", "refused")},
    **{("POST", f"import_runs.{act}"): Entry(("anna",), body={}) for act in ("take", "stop", "discard")},
    ("GET", "processes.listing"): Entry(("petra", "oscar", "adam")),
    ("GET", "processes.element_templates"): Entry(("petra", "oscar", "adam")),
    ("GET", "processes.publish"): Entry(("petra", "oscar")),
    ("GET", "processes.operations"): Entry((*PROVIDERS, "adam")),
    ("GET", "processes.rules"): Entry((*PROVIDERS, "adam")),
    ("GET", "manual.show"): Entry((*PROVIDERS, "adam")),
    ("POST", "processes.submit"): Entry(("petra", "oscar"), body={}, answer=422),
    ("GET", "processes.show"): Entry((*PROVIDERS, "adam")),
    ("GET", "processes.model"): Entry((*PROVIDERS, "adam")),
    ("GET", "processes.download"): Entry((*PROVIDERS, "adam")),
    **{("GET", f"case_migrations.{page}"): Entry(("petra",), OTHERS) for page in ("show", "preview", "progress")},
    ("POST", "case_migrations.start"): Entry(("petra",), OTHERS, {"reason": "x"}, answer=422),
    ("GET", "performance.listing"): Entry(("petra", "oscar", "adam")),
    ("GET", "measures.show"): Entry(("petra", "oscar", "adam")),
    ("GET", "performance.show"): Entry(("petra", "adam")),
    ("GET", "performance.cases"): Entry(("petra",)),
    ("GET", "performance.comments"): Entry(("petra",)),
    ("GET", "performance.csv"): Entry(("petra", "adam")),
    ("GET", "performance.json_file"): Entry(("petra", "adam")),
    ("GET", "evaluations.listing"): Entry(("petra", "adam")),
    ("POST", "evaluations.begin"): Entry(("petra",), ("adam",), {"from": "2026-03-01", "until": "2026-03-02"}),
    **{("GET", f"evaluations.{page}"): Entry(("petra", "adam")) for page in ("show", "csv", "json_file")},
    ("GET", "outbox.listing"): Entry(PROVIDERS),
    ("POST", "outbox.hand_over"): Entry(("anna", "petra"), body={}),
    ("GET", "failures.listing"): Entry(("petra", "oscar", "adam")),
    ("POST", "failures.retry"): Entry(("petra",), ("adam",), body={}, answer=422),
    ("POST", "failures.retry_start"): Entry(("petra",), ("adam",), body={}, answer=422),
    ("GET", "mending.show"): Entry(("petra",), ("ines", "nora", "anna")),
    ("POST", "mending.change"): Entry(
        ("petra",), ("ines", "nora", "anna"), {"json": "{}", "reason": "So", "revision": "1", "confirmed": "1"}
    ),
    ("POST", "mending.move"): Entry(
        ("petra",), ("ines", "nora", "anna"), {"target": "Task_Read", "reason": "So", "revision": "1"}
    ),
    ("POST", "mending.skip"): Entry(
        ("petra",), ("ines", "nora", "anna"), {"json": '{"decision": "ask"}', "reason": "So", "revision": "1"}
    ),
    ("GET", "people.listing"): Entry(("adam",)),
    ("POST", "people.close"): Entry(("adam",), body={}),
    ("POST", "people.reopen"): Entry(("adam",), body={}),
}

# By name and password, not by session: who has them and may not is told so.
REST: dict[tuple[str, str], Entry] = {
    ("GET", "rest.version"): Entry(EVERYBODY),
    ("GET", "rest.listing"): Entry((*PROVIDERS, "adam"), ("ines", "nora", "omar")),
    ("POST", "rest.create"): Entry(("petra", "oscar"), ("ines", "nora", "omar", "anna", "sam", "adam"), {}, answer=400),
    ("POST", "rest.start"): Entry(STARTERS, body={}, answer=400),
    ("POST", "rest.start_newest"): Entry(STARTERS, body={}, answer=400),
}
AGAIN = {(method, f"{endpoint}_again"): entry for (method, endpoint), entry in REST.items()}


ORDERED = process(
    "ordered",
    start("s", message_event("m")),
    script("w", "x = 1 / 0"),
    end(),
    flows("s", "w", "e"),
    around=message("m", "order"),
    properties={"ownerGroup": "owners"},
)

REPORT = b"""
process:
  key: handle_wish
  name: Wishes
  owner_group: owners
  cases: [handle_wish]
  reports:
    - {key: wishes, name: Wishes, records: wishes, follow: wishes, text: details, note: decision, issued: reports}
"""


def addresses(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, str(rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def case_for(site: Site, endpoint: str) -> CaseRef:
    """Return a new case in the state in which `endpoint` is used."""
    if endpoint.startswith("evaluations."):
        return evaluation_case(site, endpoint)
    case, desk = site.wish(), site.engine.identity.actor("anna")
    if endpoint.startswith("reports."):
        site.engine.repository.deploy({"process.yaml": REPORT}, name="Report", actor=ENGINE)
    if endpoint == "tasks.release":
        site.engine.tasks.claim(site.task_of(case), actor=desk)
    if endpoint == "cases.feedback":
        site.ask("How was it?")
        site.engine.tasks.complete(site.task_of(case), {"decision": "no", "why": "No pens"}, actor=desk)
    if endpoint == "outbox.hand_over":
        site.engine.tasks.complete(site.task_of(case), {"decision": "yes"}, actor=desk)
    if endpoint == "failures.retry":
        with pytest.raises(StepFailed):
            site.engine.tasks.complete(site.task_of(case), {"decision": "lost"}, actor=desk)
    return case


def evaluation_case(site: Site, endpoint: str) -> CaseRef:
    """Return an open evaluation; or a wish, with no evaluation open, where one is to be begun."""
    owner = site.engine.identity.actor("petra")
    rows = site.engine.evaluations.evaluations(evaluation.PROCESS, owner).rows
    if endpoint != "evaluations.begin":
        return rows[0].case if rows else evaluation.evaluation(site)
    if not rows:
        evaluation.prepare(site)
    for row in rows:
        if row.case.status == "active":
            site.engine.runtime.cancel(row.case.id, "To begin anew.", actor=owner)
    return site.wish()


def import_of_anna(site: Site) -> str:
    """Return an import that has been uploaded and mapped."""
    desk, runs = site.engine.identity.actor("anna"), site.engine.import_runs
    run = runs.get(runs.upload("wishes.csv", b"Title\nA red pen\n", "process:handle_wish", actor=desk), desk)
    chosen = Choice({"title": ("column:Title", "")})
    runs.set_mapping(run, chosen.mapping(), chosen.as_json(["Title"]))
    return run.id


def failed_start(site: Site) -> str:
    """Return a case of petra's that a message could not start."""
    management = site.engine.management
    if not management.failed_starts(ENGINE):
        site.engine.repository.deploy({"ordered.bpmn": ORDERED}, name="Orders", actor=ENGINE)
        site.engine.runtime.send_message("order", None, {}, actor=ENGINE)
    return management.failed_starts(ENGINE)[0].id


def migration_of_petra(site: Site, case: CaseRef) -> str:
    """Return a move of the case to a version that differs in a word."""
    owner, moves = site.engine.identity.actor("petra"), site.engine.case_migrations
    if before := moves.past("handle_wish", actor=owner).rows:
        return before[0].id
    replaced = files()["handle_wish.bpmn"].replace(b"the desk answers", b"the desk replies")
    (version,) = site.engine.repository.deploy({"handle_wish.bpmn": replaced}, name="Next", actor=ENGINE).deployed
    source = site.engine.history.case(case.id, ENGINE).models[0].definition_id
    return moves.start(source, version.id, "Why not", actor=owner, case_id=case.id)


def address(site: Site, endpoint: str, case: CaseRef) -> str:
    detail = site.engine.history.case(case.id, ENGINE)
    definition_id = detail.models[0].definition_id
    values = {
        "case_id": case.id,
        "task_id": detail.tasks[0].id if detail.tasks else "none",
        "token": detail.tasks[0].id if detail.tasks else "none",
        "key": "handle_wish",
        "process": "handle_wish",
        "report": "wishes",
        "register": "wishes",
        "record_id": detail.records[0].ref.id if detail.records else "none",
        "definition_id": definition_id,
        "resource_id": site.engine.repository.definition(definition_id, ENGINE).model.id,
        "message_id": next((row.id for row in site.engine.management.outbox(ENGINE).rows), "none"),
        "failure_id": next((failure.id for failure in detail.failures), "none"),
        "start_id": failed_start(site) if endpoint == "failures.retry_start" else "none",
        "user_id": "ben",
        "filename": "comity.css",
        "name": "feel",
        "migration_id": migration_of_petra(site, case) if endpoint == "case_migrations.progress" else "none",
        "run_id": import_of_anna(site) if endpoint.startswith("import") else "none",
    }
    with site.app.test_request_context():
        (rule,) = site.app.url_map.iter_rules(endpoint)
        wanted: dict[str, Any] = {name: values[name] for name in rule.arguments}
        return site.app.url_for(endpoint, **wanted)


def test_every_address_has_its_entry(site: Site) -> None:
    assert sorted(addresses(site.app)) == sorted({**MATRIX, **REST, **AGAIN})


def test_nobody_gets_in_without_signing_in(site: Site) -> None:
    case = site.wish()
    for (method, endpoint), entry in MATRIX.items():
        path = address(site, endpoint, case)
        answer = site.app.test_client().open(path, method=method, data=entry.body, buffered=True)
        if endpoint in PUBLIC:
            assert answer.status_code in {200, 400}, path
        elif method == "GET":
            assert answer.status_code == 303, path
            assert answer.location.startswith("/sign-in"), path
        else:
            assert answer.status_code == 401, path


@pytest.mark.parametrize(("method", "endpoint"), MATRIX)
def test_each_role_gets_its_pages_and_no_others(site: Site, method: str, endpoint: str) -> None:
    entry = MATRIX[method, endpoint]
    case = case_for(site, endpoint)
    for name in EVERYBODY:
        case = case if method == "GET" else case_for(site, endpoint)
        path = address(site, endpoint, case)
        visitor = site.visit_as(name)
        body = None if entry.body is None else {**entry.body, "csrf_token": visitor.token()}
        status = visitor.client.open(path, method=method, data=body, buffered=True).status_code
        if name in entry.who:
            assert status == entry.answer if entry.answer else status < 400, (name, status)
        else:
            assert status in ({403, 409} if name in entry.seeing else {404}), (name, status)


def test_the_navigation_shows_nothing_that_is_refused(site: Site) -> None:
    site.wish()
    for name in EVERYBODY:
        visitor = site.visit_as(name)
        for link in visitor.get("/account").tree.xpath("//header//a/@href"):
            assert visitor.client.get(link, buffered=True).status_code < 400, (name, link)


@pytest.mark.parametrize(("method", "endpoint"), [*REST, *AGAIN])
def test_the_interface_for_modelers_asks_everybody_for_a_password(site: Site, method: str, endpoint: str) -> None:
    path = address(site, endpoint, site.wish())
    for client in (site.app.test_client(), site.visit_as("petra").client):
        assert client.open(path, method=method, buffered=True).status_code == 401


@pytest.mark.parametrize(("method", "endpoint"), REST)
def test_the_interface_for_modelers_knows_rights(site: Site, method: str, endpoint: str) -> None:
    entry, path = REST[method, endpoint], address(site, endpoint, site.wish())
    for name in EVERYBODY:
        answer = site.app.test_client().open(path, method=method, data=entry.body, auth=(name, PASSWORD), buffered=True)
        if name in entry.who:
            assert answer.status_code == (entry.answer or 200), (name, answer.text)
        else:
            assert answer.status_code == (403 if name in entry.seeing else 404), (name, answer.text)
