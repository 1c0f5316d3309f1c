"""Owns the product as people meet it: served over HTTP with the demo content, opened in browsers of its people."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from werkzeug.serving import make_server

from engine.process_engine import ProcessEngine
from webapp import Config, create_app, demo

SCREENSHOTS = "COMITY_SCREENSHOTS"


@dataclass
class Live:
    """A running product: its address without a trailing slash, its engine, and what its pages complained of."""

    address: str
    engine: ProcessEngine
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def visit(self, name: str | None = None, **options: Any) -> Iterator[Page]:
        """Open a browser, signed in as `name`; `options` are those of a Playwright context."""
        context: BrowserContext = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        try:
            if name is not None:
                page.goto("/sign-in")
                page.fill("#name", name)
                page.fill("#password", demo.PASSWORD)
                page.click("button.primary")
                page.wait_for_url(lambda address: "/sign-in" not in address)
            yield page
        finally:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        # A refused form is answered with 4xx on purpose, and the browser notes that.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)


@contextmanager
def serving(folder: Path, browser: Browser) -> Iterator[Live]:
    """Serve the demo from a database in `folder` on a free port for the length of a `with` block."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    config = Config(f"sqlite:///{folder / 'live.sqlite'}", "made up for tests", demo=True)
    app = create_app(config)
    engine: ProcessEngine = app.extensions["comity"]
    engine.migrate()
    demo.load(engine, lambda _line: None)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}", engine, browser)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.close()


def keep_screenshot(page: Page, name: str) -> None:
    """Write a picture of the whole page to the folder that ``COMITY_SCREENSHOTS`` names, if it does."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
