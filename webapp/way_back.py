"""Owns the way from a refusal back to the page from which the input came; it asks neither database nor session."""

from flask import current_app, g, request
from werkzeug.exceptions import HTTPException

from webapp.own_paths import own_path, parts_of


def offer() -> None:
    """Give the page of a refusal a link back, unless it has ways on of its own or there is no page to go back to."""
    if request.method == "POST" and not g.get("links") and (path := _came_from()):
        g.links = [(path, "Back to the page you came from")]


def _came_from() -> str | None:
    """Return the path of the page whose form was sent; None for another site's, and for one that cannot be opened."""
    parts = parts_of(request.headers.get("Referer", ""))
    if parts is None or parts.netloc != request.host or not own_path(parts.path, ""):
        return None
    below = parts.path.removeprefix(request.script_root)
    try:
        current_app.url_map.bind(request.host).match(below, method="GET")
    except HTTPException:
        return None
    return own_path(f"{parts.path}?{parts.query}" if parts.query else parts.path, "") or None
