"""Owns finding and starting the Chromium that browser tests use; knows nothing of pages or of pytest."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

VARIABLE = "COMITY_CHROMIUM"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little shared memory
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find() -> Path | None:
    """Find the browser: the file that ``COMITY_CHROMIUM`` names, else the first known name on the PATH.

    Returns:
        The executable, or None where there is none.

    Raises:
        FileNotFoundError: ``COMITY_CHROMIUM`` names something that is not a file.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            message = f"{VARIABLE} names {named}, which is not a file. Name a Chromium executable, or unset it."
            raise FileNotFoundError(message)
        return Path(named)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@contextmanager
def launched() -> Iterator[Browser]:
    """Run one headless browser for the length of a ``with`` block.

    Yields:
        The browser, which makes pages.

    Raises:
        FileNotFoundError: there is no Chromium on this machine.
    """
    executable = find()
    if executable is None:
        message = f"No Chromium was found. Install one (Debian: apt install chromium) or name it in {VARIABLE}."
        raise FileNotFoundError(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
