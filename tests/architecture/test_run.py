"""`run.py` on small made-up projects: it sets up once, says so, and leaves a working environment when a step fails."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.slow

# A project that needs no network: no requirements, and a build backend of its own.
BACKEND = """
import zipfile
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    info = "small-1.dist-info/"
    with zipfile.ZipFile(wheel_directory + "/" + name, "w") as wheel:
        wheel.writestr("small.py", "def main(): print('the command ran')")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\ncomity = small:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
ASSETS = """
import pathlib
stamp = pathlib.Path("webapp/static/dist/.stamp")
stamp.parent.mkdir(parents=True, exist_ok=True)
stamp.write_text("built")
"""


class Checkout:
    """A folder with `run.py` and a project so small that it sets up without network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "run.py", folder)
        for lock in ("runtime", "build", "test"):
            self.write(f"requirements/{lock}.txt", "")
        self.write("backend.py", BACKEND)
        self.write("pyproject.toml", PROJECT)
        self.write("hatch_build.py", ASSETS)
        self.write("package.json", "{}")
        self.write("package-lock.json", "{}")
        self.write("webapp/assets/app.js", "")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        with self.begin(*arguments) as process:
            out, err = process.communicate()
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        # No index at all: what is not in the made-up locks cannot be had.
        env = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
        command = [sys.executable, "run.py", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("check out"))
    first = made.run("serve")
    assert first.returncode == 0, first.stderr + first.stdout
    assert "Making a Python environment in .venv ..." in first.stdout
    assert first.stdout.endswith("the command ran\n")
    return made


def test_a_second_run_sets_nothing_up(checkout: Checkout) -> None:
    again = checkout.run("serve")
    assert (again.returncode, again.stdout) == (0, "the command ran\n")


def test_without_a_command_it_says_what_there_is(checkout: Checkout) -> None:
    said = checkout.run()
    assert said.returncode == 2
    assert "python3 run.py serve --demo" in said.stdout


def test_a_failed_install_is_told_kept_apart_and_tried_again(checkout: Checkout) -> None:
    checkout.write("requirements/runtime.txt", f"absent-package==1 --hash=sha256:{'0' * 64}\n")
    for _ in range(2):
        failed = checkout.run("serve")
        assert failed.returncode == 1
        assert "Installing the locked requirements failed" in failed.stderr
        assert "absent-package" in failed.stderr
        assert "the command ran" not in failed.stdout
    scripts = checkout.folder / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    assert subprocess.run([scripts / "comity"], capture_output=True, check=True).stdout.strip() == b"the command ran"
    checkout.write("requirements/runtime.txt", "")
    assert checkout.run("serve").stdout.endswith("the command ran\n")


def test_changed_browser_sources_are_built_again_and_a_failure_is_told(checkout: Checkout) -> None:
    checkout.write("webapp/assets/app.js", "changed")
    checkout.write("hatch_build.py", "raise SystemExit('no registry in reach')")
    failed = checkout.run("serve")
    assert failed.returncode == 1
    assert "Building the browser assets failed" in failed.stderr
    assert "no registry in reach" in failed.stderr
    checkout.write("hatch_build.py", ASSETS)
    built = checkout.run("build")
    assert built.returncode == 0
    assert "Building the browser assets ..." in built.stdout


def test_an_environment_of_another_python_is_given_back_when_the_new_one_fails(checkout: Checkout) -> None:
    mark = checkout.folder / ".venv" / "comity-installed.json"
    before = mark.read_text(encoding="utf-8")
    ours = f'"{sys.version_info[0]}.{sys.version_info[1]}"'
    assert ours in before
    mark.write_text(before.replace(ours, '"3.99"'), encoding="utf-8")
    checkout.write("requirements/runtime.txt", f"absent-package==1 --hash=sha256:{'0' * 64}\n")
    assert checkout.run("serve").returncode == 1
    assert '"3.99"' in mark.read_text(encoding="utf-8")
    assert not (checkout.folder / ".venv.before").exists()
    checkout.write("requirements/runtime.txt", "")
    assert checkout.run("serve").stdout.endswith("the command ran\n")
    assert ours in mark.read_text(encoding="utf-8")
    assert not (checkout.folder / ".venv.before").exists()


def test_of_two_set_ups_at_once_one_waits_for_the_other(tmp_path: Path) -> None:
    made = Checkout(tmp_path)
    made.write("hatch_build.py", f"import time\ntime.sleep(3)\n{ASSETS}\nprint(open('built.txt', 'a').write('x'))\n")
    outputs = [run.communicate(timeout=120) for run in [made.begin("serve"), made.begin("serve")]]
    assert [err for _, err in outputs] == ["", ""]
    assert all(out.endswith("the command ran\n") for out, _ in outputs)
    waited, worked = sorted((out for out, _ in outputs), key=lambda out: "Making" in out)
    assert set(waited.splitlines()) == {"Another run sets up in this folder: waiting for it ...", "the command ran"}
    assert "Making a Python environment in .venv ..." in worked
    assert (made.folder / "built.txt").read_text() == "x"


def test_a_set_up_that_was_killed_lets_the_next_one_go_on(tmp_path: Path) -> None:
    made = Checkout(tmp_path)
    made.write("hatch_build.py", "import time\nopen('begun.txt', 'w').close()\ntime.sleep(600)\n")
    with made.begin("serve") as run:
        while not (tmp_path / "begun.txt").exists():
            time.sleep(0.05)
            assert run.poll() is None
        run.kill()
    made.write("hatch_build.py", ASSETS)
    again = made.run("serve")
    assert again.returncode == 0, again.stderr + again.stdout
    assert "waiting" not in again.stdout
    assert again.stdout.endswith("the command ran\n")


def test_a_python_without_its_venv_module_is_explained(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    # As Debian ships Python without python3-venv: the module ensurepip cannot be found.
    code = (
        "import importlib.util, runpy, sys; find = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name);"
        "sys.argv = ['run.py', 'serve']; runpy.run_path('run.py', run_name='__main__')"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=checkout.folder, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "sudo apt install python3-venv" in said.stderr
    assert not (tmp_path / ".venv").exists()
