"""Owns what a person decides for themselves: password, theme, time zone, ending all sessions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp import credentials, passwords, sessions
from webapp.own_paths import own_path
from webapp.services import actor, config, engine
from webapp.words import time_zones

pages = Blueprint("account", __name__, url_prefix="/account")

NOT_YOURS = (
    "Present password: this is not your password. After five wrong ones in a row, right ones count only after half a "
    "minute, as when you sign in."
)
THEMES = frozenset({"light", "dark", "system"})
ONE_YEAR_SECONDS = 365 * 24 * 60 * 60


@pages.get("")
def show() -> str:
    """Show the account: who one is here, password, time zone, theme."""
    return _page({})


@pages.post("/password")
def change_password() -> Response | tuple[str, int]:
    """Change the password; every other session of the account ends."""
    person = actor()
    old, new, again = (request.form.get(name, "") for name in ("old_password", "new_password", "new_password_again"))
    mistakes: dict[str, str] = {}
    if credentials.check(person.user_id, old) is None:
        mistakes["old_password"] = NOT_YOURS
    if faults := passwords.faults(new, person.user_id):
        mistakes["new_password"] = f"New password: {faults[0]}"
    elif new != again:
        mistakes["new_password_again"] = "New password again: the two are not the same."  # noqa: S105 - a sentence
    if mistakes:
        return _page(mistakes), 422
    engine().identity.set_password_hash(person.user_id, passwords.hash_password(new), actor=person)
    return _begin_anew("The password is changed. Your other sessions have ended.")


@pages.post("/sessions")
def end_sessions() -> Response:
    """End every other session of the account."""
    engine().identity.end_sessions(actor().user_id, actor=actor())
    return _begin_anew("Your other sessions have ended.")


@pages.post("/theme")
def set_theme() -> Response:
    """Keep the chosen theme in this browser."""
    theme = request.form.get("theme", "")
    answer = redirect(own_path(request.form.get("next"), url_for("account.show")), 303)
    return _keep(answer, "theme", theme if theme in THEMES else "system")


@pages.post("/time-zone")
def set_time_zone() -> Response:
    """Keep the chosen time zone in this browser."""
    zone = request.form.get("zone", "")
    if zone not in time_zones():
        flash("There is no such time zone: choose one of the list.", "notice")
        return redirect(url_for("account.show"), 303)
    flash(f"Times are shown in the time zone {zone}.", "success")
    return _keep(redirect(url_for("account.show"), 303), "tz", zone)


def _begin_anew(said: str) -> Response:
    account = engine().identity.account(actor().user_id)
    if account is not None:
        sessions.begin(actor(), account.session_epoch)
    flash(said, "success")
    return redirect(url_for("account.show"), 303)


def _keep(answer: Response, name: str, value: str) -> Response:
    # Scripts may read the theme's cookie: they set it too. Neither says who somebody is.
    answer.set_cookie(name, value, max_age=ONE_YEAR_SECONDS, samesite="Lax", secure=config().https)
    return answer


def _page(mistakes: dict[str, str]) -> str:
    zones = sorted(zone for zone in time_zones() if "/" in zone or zone == "UTC")
    return render_template("account.html", mistakes=mistakes, zones=zones, zone=request.cookies.get("tz", "UTC"))
