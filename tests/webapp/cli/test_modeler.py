"""The Deploy button over the wire: what Camunda Modeler sends, byte by byte, to a `comity serve`."""

import base64
import http.client
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from tests.webapp.cli.command import served
from tests.webapp.cli.content import alarm
from webapp.passwords import hash_password

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
LOGIN = base64.b64encode("olivia:räder müssen rollen".encode()).decode()


def part(name: str, content: bytes, more: str = "", kind: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    return (head + (f"Content-Type: {kind}\r\n" if kind else "") + "\r\n").encode() + content + b"\r\n"


def upload(name: str, model: bytes) -> bytes:
    """Return the body that Chromium makes of the form that the modeler fills."""
    return b"".join(
        (
            part("deployment-name", b"Wake up"),
            part("deployment-source", b"Camunda Modeler"),
            part("enable-duplicate-filtering", b"true"),
            part(name, model, f'; filename="{name}"', "text/xml"),
            f"--{BOUNDARY}--\r\n".encode(),
        )
    )


def ask(
    address: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    sent = {"Accept": "application/json", "Origin": "file://", **(headers or {})}
    connection.request(method, path, body=body, headers=sent)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content


def test_deploying_from_the_modeler_to_a_server(built: Path, tmp_path: Path) -> None:
    shutil.copy(built, tmp_path / "comity.sqlite")
    url = f"sqlite:///{tmp_path}/comity.sqlite"
    engine = ProcessEngine(url, None)  # type: ignore[arg-type]  # no form is looked at
    engine.identity.create_user(
        "olivia",
        "Olivia Owner",
        actor=ENGINE,
        roles=["process_owner", "staff"],
        password_hash=hash_password("räder müssen rollen"),
    )
    engine.close()
    known = {"Authorization": f"Basic {LOGIN}"}
    multipart = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **known}
    with served(url, folder=tmp_path) as server:
        base = "/engine-rest/"  # typed with a slash at its end, so that two slashes follow
        assert ask(server.address, "GET", f"{base}/deployment?maxResults=0")[0] == 401
        assert ask(server.address, "GET", f"{base}/deployment?maxResults=0", headers=known) == (200, [])
        assert ask(server.address, "GET", f"{base}/version", headers=known)[0] == 200
        status, deployed = ask(
            server.address, "POST", f"{base}/deployment/create", upload("wake.bpmn", alarm(60)), multipart
        )
        assert status == 200, deployed
        (definition,) = deployed["deployedProcessDefinitions"].values()
        assert (definition["key"], definition["version"]) == ("wake_up", 1)
        start = json.dumps({"businessKey": "default"}).encode()
        path = f"{base}/process-definition/{definition['id']}/start"
        status, case = ask(server.address, "POST", path, start, {**known, "content-type": "application/json"})
        assert status == 200, case
        assert case["definitionId"] == definition["id"]
        broken = alarm(60).replace(b"PT60S", b"1 +")
        status, refused = ask(
            server.address, "POST", f"{base}/deployment/create", upload("wake.bpmn", broken), multipart
        )
        assert status == 400
        assert refused["message"].startswith("ENGINE-09005 Could not parse BPMN process.")
        assert "* wake.bpmn:" in refused["message"]
