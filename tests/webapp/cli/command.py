"""Runs `comity` for tests: in this process, or as a process of its own; every error has to be told without a trace."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from webapp.cli.main import main

ROOT = Path(__file__).parents[3]
TO_PARTS = ("--register", "parts", "--column", "code=Code", "--column", "name=Name")
"""Options of an import into a register whose records have an identifier."""

Write = Callable[[str], Path]
"""Writes a file to import."""

PATIENCE = 120.0
"""Seconds until a process that hangs is ended; much longer than anything here takes."""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    def refusal(self) -> str:
        """Return the one sentence with which the command failed."""
        assert self.code == 1, (self.code, self.out, self.err)
        (sentence,) = self.err.strip().splitlines()
        return sentence


def counts(said: Said) -> dict[str, int]:
    """Return what the last line counts, such as {"taken": 2}."""
    told = said.out.splitlines()[-1]
    return {state: int(number) for number, state in re.findall(r"(\d+) (taken|would be taken|already|refused)", told)}


@dataclass
class Comity:
    """The command on one database."""

    url: str
    capture: pytest.CaptureFixture[str]
    code: int = 0

    def __call__(self, *arguments: object) -> Said:
        """Run a command in this process."""
        self.capture.readouterr()
        try:
            main(["--database", self.url, *map(str, arguments)])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = self.capture.readouterr()
        assert "Traceback" not in err + out
        return Said(code, out, err)

    def well(self, *arguments: object) -> str:
        """Run a command that has to succeed; return what it wrote."""
        said = self(*arguments)
        assert said.code == 0, (said.out, said.err)
        return said.out


def command(url: str | None, *arguments: object) -> list[str]:
    """Return the command line that runs `comity` from the sources."""
    database = ["--database", url] if url else []
    return [sys.executable, "-m", "webapp.cli", *database, *map(str, arguments)]


def environment() -> Mapping[str, str]:
    """Return an environment in which no setting of the machine reaches the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def run(url: str | None, *arguments: object, folder: Path) -> Said:
    """Run a command as a process of its own, to its end."""
    done = subprocess.run(
        command(url, *arguments),
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


class Served:
    """A `comity serve` that runs; `lines` is what it has said until it was ready."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        for line in process.stdout or ():
            self.lines.append(line)
            if found := re.search(r"http://\S+?(?=/ )", line):
                self.address = found.group()
                break
        else:
            pytest.fail("it ended: " + "".join(self.lines))
        # What it says from now on has to be read, or it would wait for room in the pipe.
        self._rest = threading.Thread(target=self._read, daemon=True)
        self._rest.start()

    def stop(self, number: int) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._rest.join(PATIENCE)
        return code

    def _read(self) -> None:
        self.lines.extend(self.process.stdout or ())


@contextmanager
def served(url: str | None, *arguments: object, folder: Path) -> Iterator[Served]:
    """Serve on a free port until the end of the block."""
    process = subprocess.Popen(
        command(url, "serve", "--port", 0, *arguments),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        with process:
            try:
                yield Served(process)
            finally:
                process.kill()
    finally:
        watch.cancel()
