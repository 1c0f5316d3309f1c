"""Odd paths, queries and forms at every address, on both databases: refused in words, never an error of ours."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.webapp import site as sites
from tests.webapp.site import Site
from tests.webapp.test_matrix import MATRIX, REST, address
from webapp.sessions import PUBLIC

ODD = (
    "%00", "a%00b", "%ED%A0%80", "%FF%FE", "x" * 3_000, "-1", "2147483648", "9223372036854775808", "9" * 400, "1e309",
    "NaN", "%D9%A1", "null", "[]", "%7B%22a%22%3A%22%5Cud800%22%7D", "%5B" * 2_000, "../../etc/passwd", "%25", "%",
    "2026-02-30", "0001-01-01", "9999-12-31", "W1tdXQ", "WyIyMDI2IiwieCJd", "W251bGxd", "%0D%0Aa:%20b", "%F4%8F%BF%BF",
    "wishes%7CW-0001%7C99999999", "column:Title", "//evil.example", "",
)  # fmt: skip
QUERY = (
    "q", "after", "trail", "task", "show", "sort", "process", "status", "state", "version", "from", "to", "service",
    "organisation", "priority", "group", "measure", "label", "heat", "model", "next", "target", "history",
    "firstResult", "maxResults",
)  # fmt: skip
FIELDS = (
    "title", "_definition", "_once", "_shown", "_effort", "_base", "_status", "next", "text", "audience", "task",
    "_shown_values", "reason", "score", "note", "organisation", "person", "decision", "json", "scope", "revision",
    "target", "zone", "name", "password", "old_password", "what", "encoding", "delimiter", "fill-title", "from",
    "until", "files",
)  # fmt: skip
HEADERS: tuple[Mapping[str, str], ...] = (
    {}, {}, {}, {"Accept": "application/json"}, {"Referer": "http://["}, {"Origin": "http://["}, {"Range": "bytes=9-"},
    {"HX-Request": "true"}, {"Cookie": "comity=x"},
)  # fmt: skip
ENDING = {*PUBLIC, "sign_in.sign_out", "account.change_password", "account.end_sessions"}
"""Addresses that end the session or take a password each time."""

TRIES = 6
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    if request.param == "sqlite":
        found = sites.open_site(request.getfixturevalue("template"), tmp_path)
    else:
        url = request.getfixturevalue("own_postgres_url")
        sites.fill(url, sites.Clock())
        found = sites.site_on(url)
    yield found
    found.engine.close()


@pytest.mark.slow
@pytest.mark.parametrize("person", ["ines", "anna", "petra", "adam"])
def test_odd_requests_are_refused_in_words(anywhere: Site, person: str) -> None:
    drawn = random.Random(person)  # noqa: S311 - the same requests each time
    case, visitor = anywhere.wish(), anywhere.sign_in(person)
    token = visitor.token()
    # All before the first is used: what is sent ends cases.
    paths = [(how, address(anywhere, what, case)) for how, what in (*MATRIX, *REST) if what not in ENDING]
    for method, path in paths:
        for _ in range(TRIES):
            how = method if drawn.random() < 0.9 else drawn.choice(METHODS)
            request = odd(drawn, path, how, token)
            answer = visitor.client.open(**request, buffered=True)
            assert answer.status_code < 500, (request, answer.text[-1500:])
            assert "Traceback" not in answer.text
            assert answer.status_code < 400 or how == "HEAD" or answer.text.strip(), request


def odd(drawn: random.Random, path: str, method: str, token: str) -> dict[str, Any]:
    """Return a request of `path` that nobody's browser sends."""
    if drawn.random() < 0.2:
        parts = path.split("/")
        parts[drawn.randrange(1, len(parts))] = drawn.choice(ODD)
        path = "/".join(parts)
    query = "&".join(f"{drawn.choice(QUERY)}={drawn.choice(ODD)}" for _ in range(drawn.choice((0, 1, 1, 2, 4))))
    fields = [f"{drawn.choice(FIELDS)}={drawn.choice(ODD)}" for _ in range(drawn.choice((0, 1, 2, 5)))]
    request: dict[str, Any] = {
        "path": path.replace("//", "/x/"),
        "query_string": query,
        "method": method,
        "headers": drawn.choice(HEADERS),
    }
    if method in {"POST", "PUT"}:
        request["data"] = "&".join([*fields, f"csrf_token={token}"])
        request["content_type"] = "application/x-www-form-urlencoded"
    return request
