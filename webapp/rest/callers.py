"""Owns who calls: name and password in every request, as HTTP Basic authentication (RFC 7617) has them.

It looks at no session, and turns web pages away: a browser would add the password of the person who sits before it.
"""

from typing import cast

from flask import Response, g, request

from engine.types import Actor
from webapp import credentials
from webapp.own_paths import parts_of
from webapp.rest.answers import http, refusal
from webapp.services import engine
from webapp.sign_in_gate import TooManySignIns

ASKED = 'Basic realm="Comity", charset="UTF-8"'


def ask() -> Response | None:
    """Return the refusal of a request whose caller is nobody, None when `caller` may be asked."""
    if _is_from_a_page():
        return refusal(403, "AuthorizationException", "Web pages cannot use this interface: use the pages of Comity.")
    sent = request.authorization
    if sent is None:
        return _unknown("Send the name and password of your account (HTTP Basic).")
    if sent.type != "basic":
        return _unknown(f"{sent.type.capitalize()} is not understood here: choose HTTP Basic, with name and password.")
    try:
        account = credentials.check(sent.username or "", sent.password or "")
    except TooManySignIns as crowded:
        return http(crowded)
    if account is None:
        return _unknown(credentials.REFUSED)
    g.rest_caller = engine().identity.actor(account.id)
    return None


def caller() -> Actor:
    """Return who calls; for views of this interface only."""
    return cast("Actor", g.rest_caller)


def _unknown(sentence: str) -> Response:
    answer = refusal(401, "AuthenticationException", sentence)
    answer.headers["WWW-Authenticate"] = ASKED
    return answer


def _is_from_a_page() -> bool:
    """Return whether a browser sends this for a page. Camunda Modeler's own pages are files, and say so."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    parts = parts_of(origin)
    return parts is None or parts.scheme != "file"
