"""Owns the one running product that the tests of its pages share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.pages.live import Live, serving


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("live"), browser) as running:
        yield running


@pytest.fixture
def live(product: Live) -> Iterator[Live]:
    """Hand the product out; fail the test when a page wrote an error or warning to the console, a broken policy say."""
    product.complaints.clear()
    yield product
    assert product.complaints == []
