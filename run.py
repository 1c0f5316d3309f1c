"""Set up Comity beside this file and run it; needs Python 3.11 or newer and nothing else.

python3 run.py serve --demo    start the product with demonstration data
python3 run.py test            run the tests (further arguments go to pytest)
python3 run.py build           only set up what is missing, the browser assets included
python3 run.py COMMAND ...     any other command of comity; --help lists them

The first run makes a Python environment in .venv and fills it from the locks in requirements/; later runs do so
only when the locks, the project's description or the browser sources have changed. (On Windows: py run.py ...)
"""

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(f"Comity needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
ASIDE = HERE / ".venv.before"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""
PYTHON = SCRIPTS / f"python{SUFFIX}"
INSTALLED = ENVIRONMENT / "comity-installed.json"
BUNDLES = HERE / "webapp" / "static" / "dist" / ".stamp"
LOCKS = ("runtime", "build")
TEST_LOCK = "test"
PROJECT = ("pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", "webapp/assets")
LOCK = HERE / ".venv.lock"
HELD = (errno.EACCES, errno.EAGAIN)
HEARTBEAT_SECONDS = 5
LOOK_AGAIN_SECONDS = 0.2


class SetUpFailed(Exception):
    """The environment could not be set up; the text is what the person is told."""


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it; return its exit code."""
    if not arguments:
        print(__doc__)
        return 2
    testing = arguments[0] == "test"
    try:
        set_up(testing=testing)
    except SetUpFailed as failure:
        print(f"\n{failure}\nThe next run tries again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run goes on with the set-up.", file=sys.stderr)
        return 130
    if arguments == ["build"]:
        print("Everything is set up.")
        return 0
    if testing:
        os.chdir(HERE)
        return run([str(PYTHON), "-m", "pytest", *arguments[1:]])
    return run([str(SCRIPTS / f"comity{SUFFIX}"), *arguments])


def set_up(*, testing: bool) -> None:
    """Bring ``.venv`` to what the locks and the project say; do nothing when it is there already.

    Args:
        testing: install what the tests need as well.

    Raises:
        SetUpFailed: a step failed. An environment that worked before still does.
    """
    if wanted_now(installed(), testing=testing) is not None:
        with alone():
            set_up_alone(testing=testing)


def wanted_now(done: dict[str, str], *, testing: bool) -> "dict[str, str] | None":
    """Return what the environment is to be filled from, None when it was filled from just that."""
    locks = [*LOCKS, TEST_LOCK] if testing or TEST_LOCK in done else list(LOCKS)
    wanted = {name: digest(f"requirements/{name}.txt") for name in locks}
    wanted |= {"project": digest(*PROJECT), "python": python_version()}
    return None if done == wanted and BUNDLES.is_file() else wanted


def set_up_alone(*, testing: bool) -> None:
    """Do what `set_up` says; whoever was here before may have done it."""
    started = time.monotonic()
    done = installed()
    wanted = wanted_now(done, testing=testing)
    if wanted is None:
        return
    locks = [name for name in (*LOCKS, TEST_LOCK) if name in wanted]
    try:
        if not done:
            make_environment()
        if any(done.get(name) != wanted[name] for name in locks):
            files = [part for name in locks for part in ("-r", f"requirements/{name}.txt")]
            pip("Installing the locked requirements", "--require-hashes", *files)
        if done.get("project") != wanted["project"] or not BUNDLES.is_file():
            step("Building the browser assets", [str(PYTHON), "hatch_build.py"])
            pip("Installing the project", "--no-deps", "--no-build-isolation", "--editable", ".")
    except (SetUpFailed, KeyboardInterrupt):
        if ASIDE.exists():
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            move(ASIDE, ENVIRONMENT)
        raise
    INSTALLED.write_text(json.dumps(wanted), encoding="utf-8")
    shutil.rmtree(ASIDE, ignore_errors=True)
    print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


@contextmanager
def alone() -> Iterator[None]:
    """Keep other runs from setting up in this folder; wait, and say so, while one does.

    The system gives the lock back when a run ends, however it ends; the empty file stays.

    Raises:
        SetUpFailed: the folder cannot be written to.
    """
    try:
        file = LOCK.open("ab")
    except OSError as error:
        raise SetUpFailed(f"Nothing can be written in {HERE} ({error}).") from error
    with file:
        told = -float("inf")
        while not take(file.fileno()):
            if time.monotonic() - told > HEARTBEAT_SECONDS * 2:
                print("Another run sets up in this folder: waiting for it ...", flush=True)
                told = time.monotonic()
            time.sleep(LOOK_AGAIN_SECONDS)
        yield


def take(lock: int) -> bool:
    """Lock an open file unless another run has; on a file system without locks nobody is kept out."""
    try:
        if sys.platform == "win32":
            os.lseek(lock, 0, os.SEEK_SET)
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in HELD
    return True


def installed() -> dict[str, str]:
    """Read what the environment was filled from: nothing when it is absent, damaged or of another Python."""
    try:
        done: dict[str, str] = json.loads(INSTALLED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return done if PYTHON.exists() and done.get("python") == python_version() else {}


def make_environment() -> None:
    """Make an empty environment; one that was complete is kept aside until this one is."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetUpFailed(
            f"This Python ({sys.executable}) cannot make virtual environments: a part of its venv module is missing.\n"
            "On Debian and Ubuntu install it with: sudo apt install python3-venv"
        )
    if INSTALLED.exists():
        shutil.rmtree(ASIDE, ignore_errors=True)
        move(ENVIRONMENT, ASIDE)
    # --clear: what is left of a set-up that broke off, or was made by other means, may be of another Python.
    step("Making a Python environment in .venv", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])


def move(source: Path, target: Path) -> None:
    """Rename a folder, and say what to do when another program holds it."""
    try:
        source.rename(target)
    except OSError as error:
        raise SetUpFailed(f"Cannot rename {source} ({error}). Stop what still runs from it.") from error


def python_version() -> str:
    """Name the Python that an environment depends on, such as ``3.11``."""
    return "{}.{}".format(*sys.version_info)


def digest(*names: str) -> str:
    """Compute the SHA-256 of files and of everything in folders, names included; line endings do not count."""
    total = hashlib.sha256()
    for name in names:
        start = HERE / name
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if path.is_file():
                content = path.read_bytes().replace(b"\r\n", b"\n")
                total.update(f"{path.relative_to(HERE).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def pip(label: str, *arguments: str) -> None:
    """Run ``pip install`` in the environment, under the person's own pip settings."""
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    step(label, [str(PYTHON), "-m", "pip", "install", *options, *arguments])


def step(label: str, command: list[str]) -> None:
    """Run one part of the set-up: say what it is, show a sign of life every few seconds, and how long it took.

    Raises:
        SetUpFailed: the command could not be started or did not succeed; its last lines are in the text.
    """
    print(f"{label} ...", flush=True)
    started = time.monotonic()
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        raise SetUpFailed(f"{label} failed: {error}") from error
    reader = threading.Thread(target=read_lines, args=(process, lines), daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(HEARTBEAT_SECONDS)
            if reader.is_alive():
                now = lines[-1][:90] if lines else "no word yet"
                print(f"  {time.monotonic() - started:3.0f} s: {now}", flush=True)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if process.wait():
        last = "\n".join(f"  {line}" for line in lines[-15:])
        raise SetUpFailed(f"{label} failed (exit code {process.returncode}). The last it said:\n{last}")
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


def read_lines(process: "subprocess.Popen[str]", lines: list[str]) -> None:
    """Collect what a process says, without empty lines, until it ends."""
    for line in process.stdout or ():
        if line.strip():
            lines.append(line.strip())  # noqa: PERF401 - the other thread looks at the list meanwhile


def run(command: list[str]) -> int:
    """Run the command in the environment in place of this program; return its exit code where that cannot be."""
    if os.name != "nt":
        # The command then gets every signal itself, as a service manager expects.
        os.execv(command[0], command)  # noqa: S606 - there is no shell to want
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the console has sent it to the command as well, which winds down


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
