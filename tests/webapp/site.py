"""Owns a whole small site for tests: a real engine on SQLite, a tiny process, people of every role, their browsers."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine import managed
from engine.metrics.process import ManagedProcess
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseRef
from forms.catalog import MarshmallowForms
from webapp import Config, create_app
from webapp.passwords import hash_password

CONTENT = Path(__file__).parent / "content"
PASSWORD = "right horse battery"
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMIT_BYTES = 1_000_000

PEOPLE: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...], str | None]] = {
    "ines": ("Ines North", ("originator",), (), "north"),
    "nora": ("Nora North", ("originator",), (), "north"),
    "omar": ("Omar South", ("originator",), (), "south"),
    "anna": ("Anna Desk", ("staff",), ("desk",), None),
    "ben": ("Ben Desk", ("staff",), ("desk",), None),
    "sam": ("Sam Elsewhere", ("staff",), ("stores",), None),
    "petra": ("Petra Owner", ("staff", "process_owner"), ("owners",), None),
    "oscar": ("Oscar Other", ("process_owner",), ("others",), None),
    "adam": ("Adam Admin", ("admin",), (), None),
}
COOKIES: dict[str, str] = {}
GROUPS = {"desk": "Desk", "stores": "Stores", "owners": "Owners", "others": "Others"}


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Page:
    """An answer, and its HTML when it has one."""

    response: TestResponse
    tree: Any = field(init=False)

    def __post_init__(self) -> None:
        is_html = "html" in (self.response.content_type or "")
        self.tree = html.fromstring(self.response.text) if is_html and self.response.text.strip() else None

    @property
    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    def links(self) -> list[str]:
        return [str(link) for link in self.tree.xpath("//a/@href")]

    def summary(self) -> list[tuple[str, str]]:
        """Return target and text of each line of the error summary."""
        lines = self.tree.xpath("//div[@class='errors']//li")
        return [(next(iter(line.xpath("a/@href")), ""), " ".join(line.text_content().split())) for line in lines]

    def value(self, name: str) -> str | None:
        for found in self.tree.xpath(f"//*[@name={name!r}]"):
            if found.tag == "textarea":
                return str(found.text or "").removeprefix("\n")
            if found.get("type") in {"radio", "checkbox"}:
                if found.get("checked") is not None:
                    return str(found.get("value"))
                continue
            return None if found.get("value") is None else str(found.get("value"))
        return None

    def form(self, action: str) -> dict[str, Any]:
        """Return the values that the form with `action` would send as it stands, buttons left out."""
        found = self.tree.xpath(f"//form[@method='post'][starts-with(@action, {action!r})]")
        assert found, f"there is no form for {action}"
        values: dict[str, Any] = {}
        for name, value in html.FormElement.form_values(found[0]):
            values.setdefault(name, []).append(value)
        return values


@dataclass
class Visitor:
    """A browser of one person."""

    client: FlaskClient

    def get(self, path: str, status: int = 200, **options: Any) -> Page:
        return self._seen(self.client.get(path, buffered=True, **options), status)

    def post(self, path: str, data: Mapping[str, Any], status: int = 303, **options: Any) -> Page:
        return self._seen(self.client.post(path, data=data, buffered=True, **options), status)

    def send(
        self, page: Page, action: str, values: Mapping[str, Any] | None = None, *, status: int = 303, **options: Any
    ) -> Page:
        """Fill the form with `action` on `page` in and send it."""
        return self.post(action, {**page.form(action), **(values or {})}, status, **options)

    def token(self) -> str:
        """Return a valid anti-forgery token of this browser's session."""
        return str(self.get("/account").form("/sign-out")["csrf_token"][0])

    def _seen(self, response: TestResponse, status: int) -> Page:
        assert response.status_code == status, f"{response.status_code} instead of {status}: {response.text[-1500:]}"
        return Page(response)


@dataclass
class Site:
    """The application with its engine and clock."""

    app: Flask
    engine: ProcessEngine
    clock: Clock

    def visitor(self) -> Visitor:
        return Visitor(self.app.test_client())

    def sign_in(self, name: str) -> Visitor:
        """Sign in with name and password."""
        visitor = self.visitor()
        visitor.send(visitor.get("/sign-in"), "/sign-in", {"name": name, "password": PASSWORD})
        return visitor

    def visit_as(self, name: str) -> Visitor:
        """Return a browser with a session that began when the clock did: hashing passwords would take minutes."""
        visitor = self.visitor()
        if name not in COOKIES:
            cookie = self.sign_in(name).client.get_cookie("comity")
            assert cookie is not None
            COOKIES[name] = cookie.value
        visitor.client.set_cookie("comity", COOKIES[name])
        return visitor

    def wish(self, title: str = "A red pen", by: str = "ines", **more: Any) -> CaseRef:
        """Start a case through the engine."""
        return self.engine.runtime.start("handle_wish", {"title": title, **more}, actor=self.engine.identity.actor(by))

    def ask(self, question: str) -> None:
        """Let those who hand in wishes be asked a question at the end."""
        wishes = ManagedProcess("wishes", "Wishes", owner_group="owners", cases=("handle_wish",), feedback=question)
        with self.engine.database.write() as connection:
            managed.store(connection, [wishes], self.clock())

    def task_of(self, case: CaseRef) -> str:
        """Return the id of the one task that the case waits for."""
        (task,) = self.engine.history.case(case.id, ENGINE).tasks
        return task.id


def files(names: Sequence[str] | None = None) -> dict[str, bytes]:
    """Return the content of the tiny process, by file name."""
    return {path.name: path.read_bytes() for path in sorted(CONTENT.iterdir()) if names is None or path.name in names}


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


def build(path: Path) -> None:
    """Make the database of the site in a file."""
    fill(f"sqlite:///{path}", Clock())


def fill(url: str, clock: Callable[[], datetime]) -> None:
    """Make the database of the site in one that is empty: tables, people, definitions, customers."""
    engine = ProcessEngine(url, MarshmallowForms(), clock=clock)
    engine.migrate()
    engine.repository.deploy(files(), name="Tests", actor=ENGINE)
    for code, name in (("north", "North Railways"), ("south", "South Clinics")):
        engine.registers.save("customers", None, {"code": code, "name": name}, actor=ENGINE)
    for group, name in GROUPS.items():
        engine.identity.create_group(group, name, actor=ENGINE)
    for user_id, (name, roles, groups, organisation) in PEOPLE.items():
        engine.identity.create_user(
            user_id,
            name,
            actor=ENGINE,
            roles=roles,
            groups=groups,
            organisation_id=organisation,
            password_hash=password_hash(),
        )
    engine.close()


def open_site(template: Path, folder: Path, **settings: Any) -> Site:
    """Return a site on a copy of the database `template`."""
    path = folder / "site.sqlite"
    shutil.copy(template, path)
    return site_on(f"sqlite:///{path}", **settings)


def site_on(url: str, **settings: Any) -> Site:
    """Return a site on a database that `fill` made."""
    clock = Clock()
    engine = ProcessEngine(url, MarshmallowForms(), clock=clock)
    config = Config(
        database_url=url, secret_key="made up for tests", clock=clock, max_upload_bytes=LIMIT_BYTES, **settings
    )
    return Site(create_app(config, engine), engine, clock)
