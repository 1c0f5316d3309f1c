"""Owns the sites that the tests of pages visit: one database is built for a run, each test gets a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webapp.site import Site, Visitor, build, open_site


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "template.sqlite"
    build(path)
    return path


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    found = open_site(template, tmp_path)
    yield found
    found.engine.close()


@pytest.fixture
def ines(site: Site) -> Visitor:
    return site.visit_as("ines")


@pytest.fixture
def anna(site: Site) -> Visitor:
    return site.visit_as("anna")


@pytest.fixture
def petra(site: Site) -> Visitor:
    return site.visit_as("petra")
