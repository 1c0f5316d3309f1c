"""Owns the addresses of the application's own files: each carries a digest, so that a browser may keep it for good."""

import hashlib
import logging
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
BUNDLES = ("dist/app.js", "dist/viewer.js", "dist/viewer.css")
ONE_YEAR_SECONDS = 31_536_000

log = logging.getLogger("comity.web")


def install(app: Flask) -> None:
    """Give the templates of `app` `asset()`, and `has_scripts`, which is False when the bundles were never built.

    Every page is complete without the bundles; the log names the command that makes them.
    """
    missing = [name for name in BUNDLES if not (STATIC / name).is_file()]
    if missing:
        log.warning("Browser bundles are missing (%s): run `python hatch_build.py`.", ", ".join(missing))
    app.jinja_env.globals.update(asset=asset, has_scripts=not missing)

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR_SECONDS}, immutable"
        return response


def asset(name: str) -> str:
    """Return the address of the file `name` below `static/`."""
    return url_for("static", filename=name, v=_digest(name, (STATIC / name).stat().st_mtime_ns))


@cache
def _digest(name: str, changed_ns: int) -> str:  # noqa: ARG001 - the time makes a changed file another entry of the cache
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
