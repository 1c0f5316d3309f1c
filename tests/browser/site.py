"""Owns a small local web site for tests of the browser bundles: pages in memory, under the product's strict CSP."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hatch_build

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'"
TYPES = {".js": "text/javascript", ".css": "text/css", ".bpmn": "application/xml"}


@dataclass(frozen=True)
class Site:
    """A running site: its address without a trailing slash, and the paths of the forms that were sent to it."""

    address: str
    posts: list[str] = field(default_factory=list)


@contextmanager
def serving(pages: Mapping[str, str]) -> Iterator[Site]:
    """Serve texts by path, and the shipped bundles under ``/dist/``, for the length of a ``with`` block.

    Args:
        pages: path (with its leading slash) to content; HTML unless the path's ending says otherwise.

    Yields:
        The site; it answers every form with 204, so that the page stays.
    """
    hatch_build.build_assets(ROOT)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            bundle = ROOT / hatch_build.DIST / Path(path).name
            content = pages.get(path)
            if content is None and path.startswith("/dist/") and bundle.is_file():
                content = bundle.read_text(encoding="utf-8")
            body = (content or "").encode()
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", TYPES.get(Path(path).suffix, "text/html") + "; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            site.posts.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Stay silent: the tests look at the pages."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
