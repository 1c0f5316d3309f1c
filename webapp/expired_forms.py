"""Owns what a person sees whose form came too late, because its token or the session had ended: the input is kept.

It never sends anything again by itself, and never keeps passwords, files, or what another site sent.
"""

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from webapp.own_paths import parts_of
from webapp.problems import problem, wants_json

MOST_FIELDS = 400


def install(app: Flask, *, minutes: int) -> CSRFProtect:
    """Check the token of every form sent to `app`; a token is good for `minutes`, as long as a session may last."""
    app.config["WTF_CSRF_TIME_LIMIT"] = minutes * 60
    # The token and the same-site cookie carry the check. The referrer test would refuse everyone behind a proxy that
    # hides the scheme.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    protection = CSRFProtect(app)
    app.register_error_handler(CSRFError, _refuse)
    return protection


def page_for_ended_session(sentence: str) -> str:
    """Return the page for a form that was sent after the session had ended; `sentence` says why it had."""
    return render_template("expired_session.html", sentence=sentence, fields=kept_input(), files=bool(request.files))


def kept_input() -> list[tuple[str, str]]:
    """Return the fields of the form that was sent, in order, when it came from a page of ours; otherwise nothing."""
    if not _from_own_page():
        return []
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name.lower()
    ]
    return fields[:MOST_FIELDS]


def _from_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = parts_of(source)
    return parts is not None and parts.netloc == request.host


def _refuse(error: CSRFError) -> AnyResponse | tuple[str, int]:
    if wants_json():
        return problem(400, "The form has expired", "Load the page again and send the form once more.")
    return render_template(
        "expired_form.html", reason=error.description, fields=kept_input(), files=bool(request.files)
    ), 400
