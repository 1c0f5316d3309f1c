"""Owns environments with the wheel in them: nothing of the sources is in reach, the libraries are lent, no network."""

import os
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ON_WINDOWS = os.name == "nt"
MONTY = Path(sysconfig.get_path("scripts")) / ("monty.exe" if ON_WINDOWS else "monty")


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it, and an empty folder to stand in."""

    scripts: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def popen(self, program: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a program of the environment without anything that could lead it to the sources."""
        # Of the libraries that are lent, one brings a program besides: it is lent by name.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COMITY_"))}
        return subprocess.Popen(
            [self.scripts / f"{program}{'.exe' if ON_WINDOWS else ''}", *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONUNBUFFERED": "1", "MONTY_BIN": str(MONTY), **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of the environment to its end; it must succeed."""
        with self.popen(program, *arguments) as process:
            said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said


def install(wheel: Path, folder: Path) -> Installed:
    """Install the wheel; the libraries it needs are those of this environment, lent by path, not downloaded."""
    venv.create(folder / "env", with_pip=True)
    environment = Installed(folder / "env" / ("Scripts" if ON_WINDOWS else "bin"), folder)
    where = environment.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A path file in a folder that is itself on the path by a path file is not read: the editable project stays out.
    (Path(where) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    environment.run("python", "-m", "pip", "install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
    return environment
