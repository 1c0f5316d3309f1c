"""Owns what every test shares: which tests may run here, and how hypothesis searches. Knows nothing of the product."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from tests.browser import chromium

# Checks of walks lie in modules that several folders import: their comparisons are to show both sides everywhere.
pytest.register_assert_rewrite("tests.workflows.expectation", "tests.workflows.scenario")

POSTGRES = "COMITY_TEST_POSTGRES_URL"

# The machines that check changes are slow at times and must give the same verdict twice.
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def _required(variable: str) -> bool:
    return os.environ.get(variable, "") not in {"", "0"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose server or browser is absent; fail it where that one is required."""
    if item.get_closest_marker("postgres") and not os.environ.get(POSTGRES):
        _lacks(f"{POSTGRES} names no PostgreSQL server", required=_required("COMITY_REQUIRE_POSTGRES"))
    if item.get_closest_marker("browser") and chromium.find() is None:
        _lacks(
            f"no Chromium found; install one or name it in {chromium.VARIABLE}",
            required=_required("COMITY_REQUIRE_BROWSER"),
        )


def _lacks(what: str, *, required: bool) -> None:
    if required:
        pytest.fail(f"Required here, but {what}.", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Make a database of this worker's own on the server that ``COMITY_TEST_POSTGRES_URL`` names; drop it after."""
    with _postgres_database() as url:
        yield url


@pytest.fixture
def own_postgres_url() -> Iterator[str]:
    """Make a database for one test; for tests whose processes could meet what other tests have left."""
    with _postgres_database() as url:
        yield url


@contextmanager
def _postgres_database() -> Iterator[str]:
    server = sa.make_url(os.environ[POSTGRES])
    name = f"comity_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
