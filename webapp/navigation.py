"""Owns which parts of the site a person is shown, by role; what they may do there is for the engine's policy to say."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, request
from flask_login import current_user

from engine.errors import NotFound
from engine.news import MOST_COUNTED
from engine.types import Actor
from webapp.lists import filter_link, link
from webapp.services import actor, config, engine
from webapp.words import capped

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

PROVIDERS = frozenset({"staff", "process_owner"})
_WITHIN = {"evaluations": "performance", "measures": "performance"}
"""Parts of the site that stand within another one's entry."""
EVERYONE = frozenset({"originator", "staff", "process_owner", "admin"})
WORKERS = EVERYONE - {"admin"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the top bar, for people with one of `roles`."""

    label: str
    endpoint: str
    roles: frozenset[str]

    @property
    def current(self) -> bool:
        """Return whether the page that is shown belongs to this entry."""
        part = (request.endpoint or "").partition(".")[0]
        return _WITHIN.get(part, part) == self.endpoint.partition(".")[0]


ENTRIES = (
    Entry("My tasks", "tasks.worklist", WORKERS),
    Entry("Start", "start.choose", WORKERS),
    Entry("My cases", "cases.listing", WORKERS),
    Entry("Registers", "registers.listing", WORKERS),
    Entry("Processes", "processes.listing", frozenset({"process_owner", "admin"})),
    Entry("Performance", "performance.listing", frozenset({"process_owner", "admin"})),
    Entry("Outbox", "outbox.listing", PROVIDERS),
    Entry("Failures", "failures.listing", frozenset({"process_owner", "admin"})),
    Entry("People", "people.listing", frozenset({"admin"})),
)


def entries_for(person: Actor) -> list[Entry]:
    """Return the links of the top bar for `person`."""
    return [entry for entry in ENTRIES if person.roles & entry.roles]


def only_for(*roles: str) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Answer a page to people with one of `roles`, and "not found" to everybody else."""

    def decorate(view: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if actor().roles.isdisjoint(roles):
                raise NotFound("page", request.path)
            return view(*args, **kwargs)

        return guarded

    return decorate


def install(app: Flask) -> None:
    """Give every template of `app` the navigation, the links of lists and the reader's choices.

    Whatever asks who is signed in is a function here: a page about a broken database must not ask.
    """

    @app.context_processor
    def frame() -> dict[str, object]:
        return {"theme": request.cookies.get("theme", "system"), "demo": config().demo}

    app.jinja_env.globals.update(
        current_user=current_user, link=link, filter_link=filter_link, navigation=_navigation, is_provider=_is_provider
    )


def _is_provider() -> bool:
    return bool(actor().roles & PROVIDERS)


def _navigation() -> list[tuple[Entry, str | None]]:
    if not current_user.is_authenticated:
        return []
    person = actor()
    return [(entry, _count(entry, person)) for entry in entries_for(person)]


def _count(entry: Entry, person: Actor) -> str | None:
    """Return the number beside an entry: open tasks; own cases with news, nothing when there are none."""
    if entry.endpoint == "tasks.worklist":
        return capped(engine().tasks.count(person))
    if entry.endpoint == "cases.listing" and (new := engine().news.count(person)):
        return f"{new}{'+' if new >= MOST_COUNTED else ''} new"
    return None
