"""Owns opening a model in bpmn-js and saving it again, so that shipped models stay byte-identical in a modeler.

It knows no processes. Run it to bring files to the form that the modeler writes::

    python -m tests.browser.roundtrip workflows/*/*.bpmn
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

import hatch_build
from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "tests" / "browser" / "dist" / "roundtrip.js"
ROUNDS = 5


class RoundTripError(Exception):
    """The modeler could not read the model fully, or does not come to rest on it."""


class Modeler:
    """bpmn-js with the Camunda descriptor, open in a browser page; make it with `opened`."""

    def __init__(self, page: Page) -> None:
        """Take the page in which the bundle is loaded."""
        self._page = page

    def save(self, xml: str) -> str:
        """Import a model and save it once.

        Args:
            xml: a BPMN 2.0 file with a diagram.

        Returns:
            What the modeler writes.

        Raises:
            RoundTripError: the modeler refuses the model, or warns that it would lose something.
        """
        try:
            result = self._page.evaluate("xml => window.roundtrip(xml)", xml)
        except PlaywrightError as error:
            message = f"The modeler cannot open this model: {error.message.splitlines()[0]}"
            raise RoundTripError(message) from error
        if result["warnings"]:
            message = "The modeler warns: " + "; ".join(result["warnings"])
            raise RoundTripError(message)
        return str(result["xml"])

    def fixpoint(self, xml: str) -> str:
        """Save a model again and again until the modeler writes what it read.

        Args:
            xml: a BPMN 2.0 file with a diagram.

        Returns:
            Text that the modeler saves unchanged.

        Raises:
            RoundTripError: as `save`, or the text still changes after five rounds.
        """
        for _ in range(ROUNDS):
            saved = self.save(xml)
            if saved == xml:
                return saved
            xml = saved
        message = f"The model still changes after {ROUNDS} saves."
        raise RoundTripError(message)


@contextmanager
def opened(browser: Browser) -> Iterator[Modeler]:
    """Open one modeler in a browser for the length of a ``with`` block; it serves any number of models."""
    hatch_build.build_test_bundle(ROOT)
    with browser.new_context() as context:
        page = context.new_page()
        page.add_script_tag(path=BUNDLE)
        yield Modeler(page)


def save(xml: str) -> str:
    """Save one model once in a browser of its own (see `Modeler.save`); for more than one use `opened`."""
    with chromium.launched() as browser, opened(browser) as modeler:
        return modeler.save(xml)


def main(names: Sequence[str]) -> int:
    """Rewrite the named files to what the modeler writes; return the exit code."""
    if not names:
        print("Usage: python -m tests.browser.roundtrip FILE...", file=sys.stderr)
        return 2
    failures = 0
    with chromium.launched() as browser, opened(browser) as modeler:
        for path in map(Path, names):
            before = path.read_text(encoding="utf-8")
            try:
                after = modeler.fixpoint(before)
            except RoundTripError as error:
                print(f"{path}: {error}", file=sys.stderr)
                failures += 1
                continue
            if after != before:
                path.write_text(after, encoding="utf-8", newline="\n")
            print(f"{path}: {'unchanged' if after == before else 'rewritten'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
