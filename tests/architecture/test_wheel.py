"""The wheel alone, in an environment of its own and far from the sources, is the whole product."""

import os
import re
import subprocess
import sysconfig
import threading
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ON_WINDOWS = os.name == "nt"
MONTY = Path(sysconfig.get_path("scripts")) / ("monty.exe" if ON_WINDOWS else "monty")


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it, and an empty folder to stand in."""

    scripts: Path
    folder: Path

    def popen(self, program: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a program of the environment without anything that could lead it to the sources."""
        # Of the libraries that are lent, one brings a program besides: it is lent by name.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COMITY_"))}
        return subprocess.Popen(
            [self.scripts / f"{program}{'.exe' if ON_WINDOWS else ''}", *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONUNBUFFERED": "1", "MONTY_BIN": str(MONTY)},
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


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel; the libraries it needs are those of this environment, lent by path, not downloaded."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=True)
    environment = Installed(folder / "env" / ("Scripts" if ON_WINDOWS else "bin"), folder)
    where = environment.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A path file in a folder that is itself on the path by a path file is not read: the editable project stays out.
    (Path(where) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    environment.run("python", "-m", "pip", "install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
    return environment


def test_the_packages_come_from_the_wheel(installed: Installed) -> None:
    said = installed.run("python", "-c", "import engine, forms, webapp, workflows; print(engine.__file__)")
    assert Path(said.strip()).is_relative_to(installed.folder)


def test_the_wheel_declares_what_it_needs(installed: Installed) -> None:
    assert "No broken requirements" in installed.run("python", "-m", "pip", "check")


def test_the_command_explains_itself(installed: Installed) -> None:
    assert "serve" in installed.run("comity", "--help")
    assert "0.1.0" in installed.run("comity", "--version")


def test_the_demo_serves_its_pages_and_their_assets(installed: Installed) -> None:
    with installed.popen("comity", "serve", "--demo", "--port", "0") as process:
        watch = threading.Timer(120, process.kill)
        watch.start()
        try:
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                if found := re.search(r"http://\S+", line):
                    break
            else:
                pytest.fail("it ended: " + "".join(lines))
            address = found.group().rstrip("/")
            with urllib.request.urlopen(f"{address}/", timeout=20) as response:
                page = response.read().decode("utf-8")
            assert "Comity" in page
            assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
            assert any("dist/app.js" in asset for asset in assets), assets
            for asset in assets:
                with urllib.request.urlopen(address + asset, timeout=20) as response:
                    assert response.status == 200, asset
        finally:
            watch.cancel()
            process.terminate()


def test_the_page_of_lint_rules_comes_with_the_wheel(installed: Installed) -> None:
    said = installed.run("python", "-c", "from webapp import lint_rules as r; print(r.groups()[0].title)")
    assert said.strip() == "The file"
