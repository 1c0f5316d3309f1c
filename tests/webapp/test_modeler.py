"""Camunda Modeler's Deploy and Start buttons: its requests, replayed, and what must not get through."""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.types import ENGINE
from tests.webapp.site import PASSWORD, Site, files
from tests.webapp.test_outages import away

PARSE_ERROR = "ENGINE-09005 Could not parse BPMN process."
# What a page of Electron that was loaded from a file sends.
MODELER = {
    "Accept": "application/json",
    "Origin": "file://",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "cors",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 camunda-modeler/5.30.0 Electron/33.2.1",
}


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Modeler:
    """The desktop modeler with the deploy dialog filled in."""

    def __init__(self, site: Site, name: str | None = "petra", base: str = "/engine-rest") -> None:
        self.client = site.app.test_client()
        self.headers = {**MODELER, **(basic(name) if name else {})}
        self.base = base

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.base + path, headers=self.headers, buffered=True)

    def check_connection(self) -> TestResponse:
        return self.get("/deployment?maxResults=0")

    def deploy(self, content: Mapping[str, bytes], fields: Mapping[str, str] | None = None) -> TestResponse:
        """Deploy a diagram and its attachments: each file is a part that is named as the file is."""
        parts: dict[str, Any] = {
            "deployment-name": "wishes",
            "deployment-source": "Camunda Modeler",
            "enable-duplicate-filtering": "true",
            **(fields or {}),
        }
        for name, bytes_ in content.items():
            parts[name] = (io.BytesIO(bytes_), name, "text/xml" if name.endswith(".bpmn") else "")
        return self.client.post(f"{self.base}/deployment/create", data=parts, headers=self.headers, buffered=True)

    def start(self, definition_id: str, body: object) -> TestResponse:
        headers = {**self.headers, "content-type": "application/json"}
        path = f"{self.base}/process-definition/{definition_id}/start"
        return self.client.post(path, data=json.dumps(body), headers=headers, buffered=True)


def changed(new: bytes = b"the desk replies") -> dict[str, bytes]:
    model = files()["handle_wish.bpmn"]
    return {"handle_wish.bpmn": model.replace(b"the desk answers", new)}


def refused(answer: TestResponse, status: int, kind: str) -> str:
    """Return the message of a refusal in the shape that clients of Camunda 7 read."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json"
    assert answer.json is not None
    assert answer.json["type"] == kind
    assert "Traceback" not in answer.text
    assert "Set-Cookie" not in answer.headers
    return str(answer.json["message"])


@pytest.mark.parametrize("base", ["/engine-rest", "/engine-rest/"])
def test_the_deploy_button(site: Site, base: str) -> None:
    anonymous = Modeler(site, None, base).check_connection()
    assert anonymous.status_code == 401
    assert anonymous.headers["WWW-Authenticate"].startswith("Basic ")
    modeler = Modeler(site, base=base)
    assert modeler.check_connection().json == []
    version = modeler.get("/version").json
    assert version is not None
    assert version["version"]
    answer = modeler.deploy(changed())
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    body = answer.json
    assert body is not None
    (definition,) = body["deployedProcessDefinitions"].values()
    assert list(body["deployedProcessDefinitions"]) == [definition["id"]]
    stored = site.engine.repository.versions("handle_wish", ENGINE)[0]
    assert definition == {
        "id": stored.id,
        "key": "handle_wish",
        "category": None,
        "description": "Somebody wishes something, the desk replies.",
        "name": "Handle a wish",
        "version": 2,
        "resource": "handle_wish.bpmn",
        "deploymentId": body["id"],
        "diagram": None,
        "suspended": False,
        "tenantId": None,
        "versionTag": None,
        "historyTimeToLive": None,
        "startableInTasklist": True,
    }
    assert (body["name"], body["source"], body["tenantId"]) == ("wishes", "Camunda Modeler", None)
    assert body["deploymentTime"] == "2026-03-02T09:00:00.000+0000"
    assert body["links"] == [
        {"method": "GET", "href": f"http://localhost/engine-rest/deployment/{body['id']}", "rel": "self"}
    ]
    assert body["deployedDecisionDefinitions"] is None
    assert {warning.partition(":")[0] for warning in body["warnings"]} == {"handle_wish.bpmn"}
    assert stored.deployed_by.id == "petra"


def test_the_same_files_again_are_the_same_deployment(site: Site) -> None:
    modeler = Modeler(site)
    first, second = modeler.deploy(changed()).json, modeler.deploy(changed()).json
    assert first is not None
    assert second == first
    assert site.engine.repository.versions("handle_wish", ENGINE)[0].version == 2


def test_a_file_that_the_site_came_with_is_known(site: Site) -> None:
    answer = Modeler(site).deploy({"handle_wish.bpmn": files()["handle_wish.bpmn"]}).json
    assert answer is not None
    (definition,) = answer["deployedProcessDefinitions"].values()
    assert (definition["version"], answer["name"]) == (1, "Tests")


TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="D" name="D" namespace="http://x">
<decision id="colour" name="Colour"><decisionTable><input id="i"><inputExpression><text>pieces</text></inputExpression>
</input><output id="o" name="colour" typeRef="string" /><rule id="r"><inputEntry id="e"><text>&gt; 1</text></inputEntry>
<outputEntry id="f"><text>"red"</text></outputEntry></rule></decisionTable></decision></definitions>"""


def test_attachments_of_every_kind_are_deployed(site: Site) -> None:
    form = files()["answer.form"].replace(b'"schemaVersion": 19', b'"schemaVersion": 18')
    process = b"process: {key: wishes, name: Wishes, owner_group: owners, cases: [handle_wish]}"
    site.clock.pass_(minutes=1)
    attached = {"colour.dmn": TABLE, "answer.form": form, "process.yaml": process}
    answer = Modeler(site).deploy({**changed(), **attached}, {"deploy-changed-only": "true", "tenant-id": ""}).json
    assert answer is not None
    (decision,) = answer["deployedDecisionDefinitions"].values()
    assert (decision["key"], decision["version"], decision["resource"]) == ("colour", 1, "colour.dmn")
    assert decision["deploymentId"] == answer["id"]
    listed = Modeler(site).get("/deployment").json
    assert listed is not None
    assert [row["name"] for row in listed] == ["wishes", "Tests"]
    assert listed[0]["id"] == answer["id"]
    assert Modeler(site).get("/deployment?firstResult=1&maxResults=5").json == listed[1:]


def test_findings_come_back_as_a_parse_error_with_a_line_for_each(site: Site) -> None:
    broken = files()["handle_wish.bpmn"].replace(b"=decision = ", b"=decision =* ")
    answer = Modeler(site).deploy({"handle_wish.bpmn": broken})
    message = refused(answer, 400, "ParseException")
    head, *lines = message.splitlines()
    assert head.startswith(PARSE_ERROR)
    assert lines
    assert all(line.startswith("* handle_wish.bpmn:") for line in lines)
    assert answer.json is not None
    reported = answer.json["details"]["handle_wish.bpmn"]["errors"]
    assert len(reported) == len(lines)
    assert all(each["line"] > 0 and each["mainElementId"] for each in reported)
    assert site.engine.repository.versions("handle_wish", ENGINE)[0].version == 1


def test_warnings_come_with_the_answer(site: Site) -> None:
    strange = files()["handle_wish.bpmn"].replace(b'candidateGroups="desk"', b'candidateGroups="nobody"')
    answer = Modeler(site).deploy({"handle_wish.bpmn": strange}).json
    assert answer is not None
    assert any("nobody" in warning for warning in answer["warnings"])


def test_the_start_button(site: Site) -> None:
    modeler = Modeler(site)
    deployed = modeler.deploy(changed()).json
    assert deployed is not None
    (definition,) = deployed["deployedProcessDefinitions"]
    variables = {"title": {"value": "A red pen", "type": "String"}, "pieces": {"value": 3, "type": "Integer"}}
    answer = modeler.start(definition, {"businessKey": "default", "variables": variables})
    assert answer.status_code == 200, answer.text
    body = answer.json
    assert body is not None
    assert body["definitionId"] == definition
    assert (body["businessKey"], body["ended"], body["suspended"]) == ("default", False, False)
    case = site.engine.history.case(body["id"], ENGINE)
    assert case.channel == "modeler"
    assert case.started_by.id == "petra"
    record = case.records[0].ref
    shown = site.engine.registers.record(record.register, record.id, ENGINE).body
    assert (shown["title"], shown["pieces"]) == ("A red pen", 3)


def test_a_business_key_stands_in_the_data_of_the_case(site: Site) -> None:
    model = files()["handle_wish.bpmn"].replace(b'name="title" value="title"', b'name="title" value="businessKey"')
    assert "businessKey" not in Modeler(site).deploy({"handle_wish.bpmn": model}).text
    body = {"businessKey": "W-17", "variables": {"title": {"value": "A pen"}}, "withVariablesInReturn": False}
    answer = Modeler(site, "ines").start("key/handle_wish", body).json
    assert answer is not None
    assert site.engine.history.case(answer["id"], ENGINE).title == "W-17"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "title"),
        ({"variables": {"title": {"value": 7, "type": "String"}}}, "It has to be a text"),
        ({"variables": {"pieces": {"value": True, "type": "Long"}}}, "whole number"),
        ({"variables": {"title": {"value": "x", "type": "File"}}}, "'File' is not understood"),
        ({"variables": {"title": {"value": "2026-01-01", "type": "Date"}}}, "date and time"),
        ({"variables": {"title": {"value": "[" * 100_000, "type": "Json"}}}, "holds JSON"),
        ({"variables": {"title": {"value": "x", "valueInfo": {"a": 1}}}}, "valueInfo"),
        ({"variables": {"title": "x"}}, "Give a variable as"),
        ({"variables": [1]}, "Give an object"),
        ({"variables": {"colour": {"value": "red"}}}, "colour"),
        ({"businessKey": "x" * 256}, "255"),
        ({"businessKey": ["x"]}, "255"),
        ({"startInstructions": [{"type": "startBeforeActivity"}]}, "startInstructions"),
        ({"withVariablesInReturn": True}, "withVariablesInReturn"),
        ([], "Send an object"),
    ],
)
def test_what_a_start_cannot_take_is_named(site: Site, body: object, words: str) -> None:
    assert words in refused(Modeler(site).start("key/handle_wish", body), 400, "InvalidRequestException")
    assert site.engine.history.cases(ENGINE).rows == ()


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000, b'{"variables": {"pieces": {"value": 1e999}}}'])
def test_json_that_cannot_be_used_is_refused(site: Site, content: bytes) -> None:
    modeler = Modeler(site)
    path = "/engine-rest/process-definition/key/handle_wish/start"
    answer = modeler.client.post(path, data=content, headers={**modeler.headers, "content-type": "application/json"})
    refused(answer, 400, "InvalidRequestException")


def test_a_process_is_started_only_by_its_starters(site: Site) -> None:
    version = site.engine.repository.versions("handle_wish", ENGINE)[0].id
    for name, status in (("ines", 200), ("anna", 200), ("oscar", 404), ("adam", 404)):
        for path in ("key/handle_wish", version):
            answer = Modeler(site, name).start(path, {"variables": {"title": {"value": "A pen"}}})
            assert answer.status_code == status, (name, path, answer.text)
    assert "may start" in refused(Modeler(site).start("key/none", {}), 404, "InvalidRequestException")


@pytest.mark.parametrize(("name", "status"), [("petra", 200), ("oscar", 403), ("anna", 403), ("adam", 403)])
def test_only_owners_deploy(site: Site, name: str, status: int) -> None:
    answer = Modeler(site, name).deploy(changed())
    assert answer.status_code == status
    if status == 403:
        refused(answer, 403, "AuthorizationException")
        assert site.engine.repository.versions("handle_wish", ENGINE)[0].version == 1


def test_people_who_only_hand_in_see_no_deployments(site: Site) -> None:
    refused(Modeler(site, "ines").check_connection(), 403, "AuthorizationException")
    refused(Modeler(site, "ines").deploy(changed()), 403, "AuthorizationException")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tenant-id": "north"}, "no tenants"),
        ({"enable-duplicate-filtering": "false"}, "makes no new version"),
        ({"deploy-changed-only": "false"}, "makes no new version"),
        ({"deployment-activation-time": "2030-01-01T00:00:00.000+0000"}, "at once"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_a_deployment_cannot_mean_here_is_refused(site: Site, fields: dict[str, str], words: str) -> None:
    assert words in refused(Modeler(site).deploy(changed(), fields), 400, "InvalidRequestException")
    assert site.engine.repository.versions("handle_wish", ENGINE)[0].version == 1


@pytest.mark.parametrize(
    ("content", "words"), [({}, "at least one"), ({"x.groovy": b"1"}, "leave it out"), ({"a/../x.sh": b""}, "x.sh")]
)
def test_files_that_are_no_definitions_are_refused(site: Site, content: dict[str, bytes], words: str) -> None:
    assert words in refused(Modeler(site).deploy(content), 400, "InvalidRequestException")


def test_too_large_is_413(site: Site) -> None:
    modeler = Modeler(site)
    headers = {**modeler.headers, "content-type": "multipart/form-data; boundary=x"}
    answer = modeler.client.post("/engine-rest/deployment/create", data=b" " * 2_000_000, headers=headers)
    assert "larger than" in refused(answer, 413, "InvalidRequestException")
    many = b"".join(b'--x\r\nContent-Disposition: form-data; name="n%d"\r\n\r\ny\r\n' % each for each in range(2_500))
    answer = modeler.client.post("/engine-rest/deployment/create", data=many + b"--x--\r\n", headers=headers)
    assert "more than 2,000 fields" in refused(answer, 413, "InvalidRequestException")


@pytest.mark.parametrize("query", ["?maxResults=x", "?maxResults=-1", "?firstResult=99999999999", "?name=wishes"])
def test_parameters_are_understood_or_refused(site: Site, query: str) -> None:
    refused(Modeler(site).get(f"/deployment{query}"), 400, "InvalidRequestException")


def test_an_unknown_address_is_answered_in_json(site: Site) -> None:
    client = site.app.test_client()
    for path in ("", "/", "/task", "/nothing/at/all", "//nothing", "/version/"):
        answer = client.get(f"/engine-rest{path}", headers=basic("petra"))
        assert "nothing at this address" in refused(answer, 404, "NotFoundException")
    assert client.get("/engine-rest/nothing").status_code == 401, "who is not known learns nothing"
    assert "html" in str(client.get("/engine-restaurant").content_type), "this would be a page"


def test_a_method_that_an_address_does_not_take_is_405(site: Site) -> None:
    for method, path, allowed in (("GET", "/deployment/create", "POST"), ("DELETE", "/deployment", "GET")):
        answer = site.app.test_client().open(f"/engine-rest{path}", method=method, headers=basic("petra"))
        assert "Allow" in refused(answer, 405, "NotAllowedException")
        assert allowed in answer.headers["Allow"]


def test_a_fault_of_ours_is_told_with_its_number(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_actor: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(site.engine.repository, "deployments", broken)
    message = refused(Modeler(site).check_connection(), 500, "RestException")
    assert "this number" in message
    assert "secret" not in message


def test_a_database_that_is_away_is_503(site: Site) -> None:
    with away(site):
        message = refused(Modeler(site).check_connection(), 503, "RestException")
    assert "cannot be reached" in message


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic !!!", "Basic cGV0cmE=", "Bearer abc", "Digest x", basic("petra", "wrong")["Authorization"]],
)
def test_who_does_not_say_who_they_are_is_asked(site: Site, authorization: str) -> None:
    answer = site.app.test_client().get("/engine-rest/version", headers={"Authorization": authorization})
    message = refused(answer, 401, "AuthenticationException")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert ("Bearer" in message) == authorization.startswith("Bearer")


def test_five_wrong_passwords_lock_the_account_here_and_on_the_page(site: Site) -> None:
    client = site.app.test_client()
    for _ in range(5):
        assert client.get("/engine-rest/version", headers=basic("petra", "wrong")).status_code == 401
    assert client.get("/engine-rest/version", headers=basic("petra")).status_code == 401
    visitor = site.visitor()
    visitor.send(visitor.get("/sign-in"), "/sign-in", {"name": "petra", "password": PASSWORD}, status=422)
    site.clock.pass_(minutes=6)
    assert client.get("/engine-rest/version", headers=basic("petra")).status_code == 200


def test_a_closed_account_is_nobody(site: Site) -> None:
    site.engine.identity.set_active("petra", active=False, actor=ENGINE)
    assert Modeler(site).check_connection().status_code == 401


def test_a_session_of_the_pages_counts_for_nothing(site: Site) -> None:
    browser = site.visit_as("petra").client
    assert browser.get("/engine-rest/version").status_code == 401
    assert browser.post("/engine-rest/deployment/create", data={}).status_code == 401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost", "null", "chrome-extension://x", "http://["]
)
def test_web_pages_are_turned_away_even_with_a_password(site: Site, origin: str) -> None:
    modeler = Modeler(site)
    modeler.headers["Origin"] = origin
    refused(modeler.deploy(changed()), 403, "AuthorizationException")
    assert site.engine.repository.versions("handle_wish", ENGINE)[0].version == 1
