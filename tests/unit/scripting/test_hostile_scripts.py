"""Hostile scripts: each ends soon, with an error or with harmless data; the host neither hangs nor tells anything."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ExpressionRefused
from engine.scripting import Script, ScriptFailed

NOW = datetime(2026, 1, 5, tzinfo=UTC)
CANARY = "CANARY-5f1c"
CORPUS = "COMITY_DATA_SCRIPT_ATTACKS"
LIMIT = 4.0
"""Seconds that a script may take until the host is free again: its own second, and the watchdog's grace."""

SCRIPTS = {
    "read a file": "a = open('{file}').read()",
    "read by path": "import pathlib\na = pathlib.Path('{file}').read_text()",
    "list a folder": "import os\na = os.listdir('/')",
    "environment": "import os\na = dict(os.environ)",
    "run a command": "import subprocess\na = subprocess.run(['id'], capture_output=True).stdout",
    "system": "import os\na = os.system('id')",
    "socket": "import socket\na = socket.create_connection(('127.0.0.1', 22))",
    "http": "import urllib.request\na = urllib.request.urlopen('http://127.0.0.1').read()",
    "import by name": "a = __import__('os').environ",
    "builtins": "a = __builtins__",
    "eval": "a = eval(\"__import__('os').environ\")",
    "exec": 'exec("import os\\na = os.environ")\nb = a',
    "compile": "a = compile('1', 'x', 'eval')",
    "subclasses": "a = ().__class__.__base__.__subclasses__()",
    "frames": "def f():\n    yield 1\na = f().gi_frame.f_back.f_globals",
    "traceback": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    a = e.__traceback__.tb_frame.f_globals",
    "format": "a = '{0.__class__.__mro__}'.format(1)",
    "format map": "a = '{x.__globals__}'.format_map({'x': len})",
    "getattr": "a = getattr(1, '__cl' + 'ass__').__base__",
    "globals": "a = str(globals())",
    "gc": "import gc\na = gc.get_objects()",
    "ctypes": "import ctypes\na = ctypes.string_at(0)",
    "sys": "import sys\na = sys.modules",
    "forever": "while True:\n    pass",
    "forever, catching": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "recursion": "def f(n):\n    return f(n + 1)\na = f(0)",
    "large text": "a = 'x' * 10**10",
    "large list": "a = [0] * 10**10",
    "growing": "a = [1]\nwhile True:\n    a = a + a",
    "large power": "a = 9 ** 9 ** 9",
    "large number": "a = 3\nfor i in range(40):\n    a = a * a\na = a % 7",
    "shared structure": "a = ['x']\nfor i in range(40):\n    a = [a, a]",
    "shared contexts": "a = {'x': 1}\nfor i in range(40):\n    a = {'l': a, 'r': a}",
    "deep structure": "a = 1\nfor i in range(100000):\n    a = [a]",
    "itself": "a = []\na.append(a)",
    "evil pattern": "import re\na = bool(re.match('(a+)+$', 'a' * 40 + 'b'))",
    "wide format": "a = '{:>2000000000}'.format('x')",
    "prints": "while True:\n    print('x' * 1000)",
    "sleeps": "import time\nfor i in range(10**9):\n    time.sleep(1)",
    "result name": "_comity_result = {'a': open}",
    "shadowed error": "NameError = 1\nif False:\n    b = 1\na = 1",
    "generator": "a = (x for x in range(10))",
    "function": "def f():\n    return 1\na = [f, len, open]",
    "surrogate": "a = chr(0xD800)",
}


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secret") / "file"
    file.write_text(CANARY)
    return file


def harmless(source: str) -> Any:
    """Run `source`; fail when it takes too long or shows the canary."""
    begun = time.monotonic()
    try:
        result: Any = Script.of(source).run({"data": [1]}, now=NOW)
    except (ScriptFailed, ExpressionRefused) as error:
        result = str(error)
    assert time.monotonic() - begun < LIMIT
    assert CANARY not in json.dumps(result)
    assert Script.of("a = 1 + 1").run({}, now=NOW) == {"a": 2}, "the next script runs as ever"
    return result


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_hostile_script_ends_soon_and_tells_nothing(name: str, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_TEST_CANARY", CANARY)
    result = harmless(SCRIPTS[name].replace("{file}", str(secret)))
    assert len(json.dumps(result)) < 100_000


FORKS = """
import os, sys
from datetime import UTC, datetime
from engine.scripting import Script, ScriptFailed
now = datetime(2026, 1, 1, tzinfo=UTC)

def child(expected):
    pid = os.fork()
    if pid == 0:
        try:
            found = Script.of("a = 2").run({}, now=now)["a"]
        except ScriptFailed as error:
            found = "forked" in str(error)
        os._exit(0 if found == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, expected

child(2)
assert Script.of("a = 1").run({}, now=now) == {"a": 1}
child(True)
assert Script.of("a = 3").run({}, now=now) == {"a": 3}
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_forked_too_late_says_so_instead_of_hanging() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", FORKS], cwd=root, timeout=30, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(not os.environ.get(CORPUS), reason=f"{CORPUS} names no corpus of hostile scripts")
def test_a_corpus_of_hostile_scripts_does_no_harm(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpus is a JSON list of objects with `name` and `script`; `{F}` stands for a file that must not be read."""
    monkeypatch.setenv("CANARY_ENV", CANARY)
    attacks = json.loads(Path(os.environ[CORPUS]).read_text())
    assert attacks
    for attack in attacks:
        harmless(attack["script"].replace("{F}", str(secret)))
