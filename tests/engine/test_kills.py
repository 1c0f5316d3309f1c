"""Processes killed at random moments lose nothing, do nothing twice; `python -m tests.engine.kills` does it at length.

A failure prints the seed with which the same moments are tried again.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 10

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork"),
]


def survives(url: str) -> None:
    command = [sys.executable, "-m", "tests.engine.kills", url, "--kills", str(KILLS)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr[-5000:]}"
    counts = json.loads(run.stdout.splitlines()[-1])
    assert counts["kills"] >= KILLS
    assert counts["cases"] > 0
    assert counts["acknowledged"] > 0


def test_kills_on_sqlite(tmp_path: Path) -> None:
    survives(f"sqlite:///{tmp_path / 'kills.sqlite'}")


@pytest.mark.postgres
def test_kills_on_postgresql(own_postgres_url: str) -> None:
    survives(own_postgres_url)
