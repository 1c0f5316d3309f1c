"""Owns who is signed in and for how long: a signed cookie, ended by idleness, by age and by the account's epoch.

It checks no passwords (webapp.pages.sign_in does).
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from flask import Flask, Response, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from engine.types import Actor
from webapp import expired_forms
from webapp.own_paths import LONGEST
from webapp.problems import problem, wants_json
from webapp.services import config, engine, now

Ending = Literal["idle", "age", "epoch"]

PUBLIC = frozenset({"static", "health.health", "sign_in.show", "sign_in.submit"})
"""The endpoints that need no sign-in; every other one does, new ones included."""

ASKS_ITSELF = "rest"
"""The blueprint whose callers bring name and password with each request (webapp.rest.callers)."""

ENDINGS = {
    "idle": "You were signed out because nothing happened for {idle} minutes.",
    "age": "You were signed out because the session was {hours} hours old.",
    "epoch": "You were signed out because the account's password or rights were changed.",
}
# Renewing the cookie at every request would only make every response larger.
RENEW_AFTER_SECONDS = 60


@dataclass(frozen=True)
class Account(UserMixin):  # type: ignore[misc]  # flask_login carries no types
    """The signed-in person as Flask-Login wants them; `epoch` is the account's when the session began."""

    actor: Actor
    epoch: int

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return f"{self.epoch}:{self.actor.user_id}"


def install(app: Flask) -> None:
    """Make `app` ask for a sign-in on every page that is not in `PUBLIC`."""
    # Templates reach the person through webapp.navigation: a context processor would ask the database for error pages.
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    # The default marks sessions by address and browser: it ends none, but changes the cookie of everyone on the move.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.unauthorized_handler(_ask_to_sign_in)
    app.before_request(_require_sign_in)


def begin(actor: Actor, epoch: int) -> None:
    """Begin a session of `actor`; whatever the cookie held before is gone, the anti-forgery token included."""
    session.clear()
    login_user(Account(actor, epoch))
    session["since"] = session["seen"] = int(now().timestamp())


def end() -> None:
    """End the session of this browser."""
    logout_user()
    session.clear()


def _load(token: str) -> Account | None:
    epoch, _, user_id = token.partition(":")
    ending = _ending()
    if ending is None:
        person = engine().identity.in_session(user_id, epoch)
        if person is not None:
            _renew()
            return Account(person, int(epoch))
        ending = "epoch"
    g.session_ending = ending
    for key in ("_user_id", "since", "seen"):
        session.pop(key, None)
    return None


def _ending() -> Ending | None:
    settings, moment = config(), now().timestamp()
    since, seen = session.get("since"), session.get("seen")
    if not isinstance(since, int) or not isinstance(seen, int) or moment - since > settings.session_hours * 3600:
        return "age"
    return "idle" if moment - seen > settings.idle_minutes * 60 else None


def _renew() -> None:
    moment = int(now().timestamp())
    if moment - session["seen"] >= RENEW_AFTER_SECONDS:
        session["seen"] = moment


def _require_sign_in() -> AnyResponse | None:
    # An address that exists for nobody is answered the same for everybody: by the handler for 404.
    if request.endpoint is None or request.endpoint in PUBLIC or request.blueprint == ASKS_ITSELF:
        return None
    if current_user.is_authenticated:
        return None
    return _ask_to_sign_in()


def _ask_to_sign_in() -> AnyResponse:
    ending: Ending | None = g.get("session_ending")
    sentence = (
        ENDINGS[ending].format(idle=config().idle_minutes, hours=config().session_hours) if ending else "Sign in first."
    )
    if wants_json():
        return problem(401, "Sign in first", sentence)
    if request.method == "POST":
        return Response(expired_forms.page_for_ended_session(sentence), 401)
    if ending:
        flash(sentence, "notice")
    return redirect(url_for("sign_in.show", next=_here()), 303)


def _here() -> str | None:
    """Return the address to come back to; None when it is too long to be sent back, or has bytes that are no text."""
    try:
        address = request.full_path.rstrip("?")
    except UnicodeDecodeError:
        return None
    return address if len(quote(address)) <= LONGEST else None
