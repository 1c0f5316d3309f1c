"""Owns the JSON shape of a refusal (RFC 9457 problem details) and who gets it; pages are elsewhere."""

import json
from typing import Any

from flask import Response, g, request

from webapp.rest_address import is_below

MEDIA_TYPE = "application/problem+json"


def wants_json() -> bool:
    """Return whether the client asked for JSON rather than for a page, by its address or in words."""
    if is_below(request.path):
        return True
    best = request.accept_mimetypes.best_match(("text/html", "application/json", MEDIA_TYPE), default="text/html")
    return best != "text/html"


def problem(status: int, title: str, detail: str, **members: Any) -> Response:
    """Return a problem document; `members` are further members, those that are None left out."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    document["instance"] = f"urn:comity:request:{g.get('correlation_id', '-')}"
    body = json.dumps({name: value for name, value in document.items() if value is not None})
    return Response(body, status, content_type=MEDIA_TYPE)
