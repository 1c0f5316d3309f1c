"""Owns starting a case as Camunda 7's interface has it; variables go through the start form as everywhere."""

from typing import Any

from flask import Response, jsonify, request

from engine.errors import InputRefused, NotFound
from engine.views import DefinitionSummary
from webapp.rest.answers import refusal
from webapp.rest.callers import caller
from webapp.rest.parameters import only
from webapp.rest.variables import values
from webapp.services import engine

CHANNEL = "modeler"
LONGEST_KEY = 255


def start(definition_id: str) -> Response:
    """Start a case on a version of a process."""
    for definition in engine().repository.startable(caller()):
        if definition.id == definition_id:
            return _start(definition)
    try:
        return _start(engine().repository.definition(definition_id, caller()).summary)
    except NotFound:
        return _not_startable(definition_id)


def start_newest(key: str) -> Response:
    """Start a case on the newest version of the process `key`."""
    for definition in engine().repository.startable(caller()):
        if definition.key == key:
            return _start(definition)
    return _not_startable(key)


def _start(definition: DefinitionSummary) -> Response:
    body = _body()
    if not isinstance(body, dict):
        raise InputRefused({"": ['Send an object such as {"variables": {}, "businessKey": "A-1"}.']})
    # What is empty or false asks for nothing.
    only({name: value for name, value in body.items() if value}, {"variables", "businessKey"})
    key = body.get("businessKey") or None
    if key is not None and not (isinstance(key, str) and len(key) <= LONGEST_KEY):
        raise InputRefused({"businessKey": [f"Give a text of at most {LONGEST_KEY} characters."]})
    given = values(body.get("variables"))
    case = engine().runtime.start(
        definition.key, given, actor=caller(), channel=CHANNEL, definition_id=definition.id, business_key=key
    )
    answer: dict[str, Any] = {
        "links": [{"method": "GET", "href": f"{request.url_root}cases/{case.id}", "rel": "self"}],
        "id": case.id,
        "definitionId": definition.id,
        "definitionKey": definition.key,
        "businessKey": key,
        "caseInstanceId": None,
        "ended": case.status != "active",
        "suspended": False,
        "tenantId": None,
    }
    return jsonify(answer)


def _body() -> Any:
    try:
        return request.get_json(force=True) if request.data else {}
    except RecursionError:
        raise InputRefused({"": ["The JSON is nested too deeply."]}) from None


def _not_startable(what: str) -> Response:
    sentence = (
        f"There is no process {what!r} that you may start: its model has to name you, or a group of yours, as "
        "candidate starter."
    )
    return refusal(404, "InvalidRequestException", sentence)
