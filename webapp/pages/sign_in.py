"""Owns signing in and out with a name and a password; how long a session lasts is webapp.sessions' affair."""

from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import credentials, sessions
from webapp.own_paths import own_path
from webapp.services import config, engine
from webapp.sign_in_gate import RETRY_SECONDS, TooManySignIns

pages = Blueprint("sign_in", __name__)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that the sign-in page offers in demo mode."""

    id: str
    name: str
    what: str


DEMO_PASSWORD = "comity-demo"  # noqa: S105 - printed on the page, in demo mode only
DEMO_ACCOUNTS = (
    DemoAccount("ines", "Ines Duarte", "originator, Northwind Rail"),
    DemoAccount("omar", "Omar Haddad", "originator, Halden Clinics"),
    DemoAccount("anna", "Anna Lindqvist", "business analyst"),
    DemoAccount("ben", "Ben Okafor", "business analyst"),
    DemoAccount("farid", "Farid Rahimi", "feasibility: service portfolio"),
    DemoAccount("grace", "Grace Liu", "feasibility: solution architecture"),
    DemoAccount("sam", "Sam Whitlock", "service desk"),
    DemoAccount("petra", "Petra Novak", "process owner"),
    DemoAccount("adam", "Adam Brandt", "administrator"),
)


@pages.get("/sign-in")
def show() -> Response | str:
    """Show the sign-in form, or go on when somebody is signed in already."""
    target = own_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target, 303)
    return _form(target)


@pages.post("/sign-in")
def submit() -> Response | tuple[str, int]:
    """Check name and password; begin a session and go on to the page that was asked for, or say what is wrong."""
    target = own_path(request.form.get("next"))
    name, password = request.form.get("name", "").strip().lower(), request.form.get("password", "")
    try:
        account = credentials.check(name, password)
    except TooManySignIns as crowded:
        answer = make_response(_form(target, name=name, refusal=crowded.description), 503)
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer
    if account is None:
        return _form(target, name=name, refusal=credentials.REFUSED), 422
    sessions.begin(engine().identity.actor(account.id), account.session_epoch)
    return redirect(target, 303)


@pages.post("/sign-out")
def sign_out() -> Response:
    """End the session of this browser."""
    sessions.end()
    flash("You are signed out.", "notice")
    return redirect(url_for("sign_in.show"), 303)


def _form(target: str, name: str = "", refusal: str | None = None) -> str:
    accounts = DEMO_ACCOUNTS if config().demo else ()
    return render_template(
        "sign_in.html", next=target, name=name, refusal=refusal, accounts=accounts, demo_password=DEMO_PASSWORD
    )
