"""Owns the one browser that all browser tests of a run share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium, roundtrip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one headless Chromium for the session; a test opens its own context in it."""
    with chromium.launched() as running:
        yield running


@pytest.fixture(scope="session")
def modeler(browser: Browser) -> Iterator[roundtrip.Modeler]:
    """Open one modeler for the session; it saves models as Camunda Modeler would."""
    with roundtrip.opened(browser) as running:
        yield running
