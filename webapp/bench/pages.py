"""Owns the requests that are measured: a signed-in person hands forms in, to the product and to an empty page."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, redirect
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_wtf.csrf import CSRFProtect, generate_csrf
from lxml import html
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response

from engine.bench.cases import Going
from engine.bench.model import AGAIN, ANN, KEY, NOTE
from engine.persistence.models import User
from engine.persistence.statements import table
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Json
from webapp.app import create_app
from webapp.config import Config
from webapp.passwords import hash_password

_PASSWORD: Final = "made up for the benchmark"  # noqa: S105 - of an account in the benchmark's own database
_USER: Final = table(User)
_ACCOUNT: Final = select(_USER.c.id, _USER.c.active, _USER.c.session_epoch).where(_USER.c.id == bindparam("id"))


class Pages:
    """The web application, with somebody signed in. The engine has to have the account (`open_account`)."""

    def __init__(self, engine: ProcessEngine) -> None:
        self._going = Going(engine)
        config = Config(database_url=str(engine.database.engine.url), secret_key=_PASSWORD)
        self._client = create_app(config, engine).test_client()
        signing = _form(self._client, "/sign-in", {"name": ANN.user_id, "password": _PASSWORD})
        _sent(self._client, "/sign-in", signing)
        self._answers = _form(self._client, f"/tasks/{self._going.task}", AGAIN)
        self._beginning = _form(self._client, f"/start/{KEY}", {"note": NOTE})
        self._next = f"/tasks/{self._going.task}"

    def follow(self) -> None:
        """Open the page that the last answer led to, as browsers do: it shows the message that the cookie carries."""
        answer = self._client.get(self._next)
        if answer.status_code != 200:
            raise RuntimeError(f"{self._next} answered {answer.status_code}")

    def complete(self) -> None:
        """Send the form of the task that waits."""
        self._next = _sent(self._client, f"/tasks/{self._going.task}", self._answers)
        self._going.task = self._next.rpartition("/")[2]

    def start(self) -> None:
        """Send the form that starts a case."""
        self._next = _sent(self._client, f"/start/{KEY}", {**self._beginning, "_once": uuid.uuid4().hex})


class EmptyPage:
    """A Flask application of one address that does nothing but ask who is there: session, account, anti-forgery token.

    It is built of the same libraries as the product, and of nothing else of it.
    """

    def __init__(self, engine: ProcessEngine) -> None:
        app = Flask("empty")
        app.config["SECRET_KEY"] = _PASSWORD
        CSRFProtect(app)
        manager = LoginManager(app)

        @manager.user_loader  # type: ignore[untyped-decorator]  # flask_login carries no types
        def load(user_id: str) -> _Person | None:
            with engine.database.read() as connection:
                row = connection.execute(_ACCOUNT, {"id": user_id}).one_or_none()
            return _Person(row.id) if row is not None and row.active else None

        @app.get("/in")
        def sign_in() -> str:
            login_user(_Person(ANN.user_id))
            return str(generate_csrf())

        @app.post("/")
        @login_required  # type: ignore[untyped-decorator]  # as above
        def nothing() -> Response:
            return redirect("/", 303)

        self._client = app.test_client()
        self._fields = {"csrf_token": self._client.get("/in").text}

    def post(self) -> None:
        """Send the empty form."""
        _sent(self._client, "/", self._fields)


class _Person(UserMixin):  # type: ignore[misc]  # as above
    """Somebody who is signed in."""

    def __init__(self, user_id: str) -> None:
        self.id = user_id


def open_account(engine: ProcessEngine) -> None:
    """Open the account of the person who hands the forms in, unless it is there."""
    if not engine.identity.users(ENGINE):
        engine.identity.create_group("analysts", "Analysts", actor=ENGINE)
        engine.identity.create_user(
            ANN.user_id,
            ANN.name,
            actor=ENGINE,
            roles=sorted(ANN.roles),
            groups=sorted(ANN.groups),
            password_hash=hash_password(_PASSWORD),
        )


def _sent(client: FlaskClient, address: str, fields: Mapping[str, str]) -> str:
    """Send a form and return where the answer leads; raise `RuntimeError` for any other answer."""
    answer = client.post(address, data=fields)
    if answer.status_code != 303 or answer.location is None:
        raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:2000]}")
    return answer.location


def _form(client: FlaskClient, address: str, answers: Mapping[str, Json]) -> dict[str, str]:
    """Return what a browser would send of the form at `address` when somebody has given the `answers`."""
    found: Any = html.fromstring(client.get(address).text).xpath(f"//form[@action='{address}']")
    form = found[0]
    fields = {name: str(value) for name, value in form.fields.items() if value is not None}
    for field in form.xpath(".//*[@name]"):
        for key, answer in answers.items():
            if re.search(rf"(^|[._-]){key}$", field.get("name")):
                fields[field.get("name")] = field.get("value", "true") if answer is True else str(answer)
    return fields
