"""Which names a script needs from outside: told before it runs, and as the sandbox has it."""

import builtins
import time
from datetime import UTC, datetime

import pytest

from engine.scripting import Script, ScriptFailed, first_reads
from engine.scripting.first_reads import BUILTINS

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)

NEEDED = [
    ("a = b\nb = 1", {"b": 1}),
    ("\n\na = b", {"b": 3}),
    ("for x in xs:\n    total += x", {"xs": 1, "total": 2}),
    ("for x in xs:\n    for y in x:\n        total = total + y", {"xs": 1, "total": 3}),
    ("while not done:\n    done = step", {"done": 1, "step": 2}),
    ("a = y if y else z", {"y": 1, "z": 1}),
    ("a[0] = 1", {"a": 1}),
    ("a = [y for y in ys if y > z]\nb = y", {"ys": 1, "z": 1, "y": 2}),
    ("f'{u} {w!r:>{width}}'", {"u": 1, "w": 1, "width": 1}),
    ("def f(a, *b, c=d, **e):\n    g = a\n    return g + h\nf(1)", {"d": 1, "h": 3}),
    ("a = sorted(l, key=lambda e: e[k])", {"l": 1, "k": 1}),
    ("match s:\n    case {'a': v, **rest}:\n        w = v\n    case other:\n        w = [other, u]", {"s": 1, "u": 5}),
    ("x: int\ny = x", {"x": 2}),
    ("try:\n    a = b\nexcept KeyError:\n    a = 1", {"b": 2}),
    ("a = input('?')", {"input": 1}),
]


@pytest.mark.parametrize(("source", "needs"), NEEDED)
def test_what_a_script_needs(source: str, needs: dict[str, int]) -> None:
    assert dict(first_reads(source)) == needs


@pytest.mark.parametrize("source", [source for source, _ in NEEDED if "sorted" not in source])
def test_without_it_the_script_fails_and_says_so(source: str) -> None:
    with pytest.raises(ScriptFailed, match="NameError"):
        Script.of(source).run({}, now=NOW)


@pytest.mark.parametrize(
    "source",
    [
        "total = 0\nfor x in [1]:\n    total += x",
        "for i in [1, 2]:\n    if i > 1:\n        a = last\n    last = i",
        "for i in [1, 2]:\n    if i == 1:\n        last = 1\n        continue\n    a = last",
        "for i in [0, 1]:\n    a = i and last\n    last = i",
        "if len([]):\n    a = 1\nelse:\n    a = 2\nb = a",
        "try:\n    n\nexcept NameError:\n    n = 1\nm = n",
        "try:\n    n = m\nexcept (KeyError, Exception):\n    n = 1",
        "def f():\n    return q\nq = 1\na = f()",
        "def f():\n    return nothing\na = 1",
        "def f(n):\n    return f(n - 1) if n else 0\na = f(3)",
        "def f():\n    return n\ntry:\n    a = f()\nexcept NameError:\n    a = 1",
        "a = [(x, y) for x in [[1]] for y in x if y]",
        "a = {k: v for k, v in {'a': 1}.items()}",
        "a = (n := 5) + n",
        "_a = 1\nb = _a",
        "if 'a' in locals():\n    b = a",
        "f = lambda n: n\na = f(1)",
    ],
)
def test_scripts_that_need_nothing(source: str) -> None:
    assert first_reads(source) == {}
    Script.of(source).run({}, now=NOW)


def test_what_the_sandbox_has_is_known() -> None:
    tries = "\n".join(
        f"try:\n    {name}\n    found.append({name!r})\nexcept NameError:\n    pass"
        for name in dir(builtins)
        if name.isidentifier() and name not in ("None", "True", "False", "_")
    )
    found = Script.of(f"found = []\n{tries}").run({}, now=NOW)["found"]
    assert set(found) == BUILTINS & set(dir(builtins)) - {"None", "True", "False"}


@pytest.mark.parametrize(
    "source",
    [
        "\n".join(f"a{number}=b{number}" for number in range(1_500)),
        "a = " + "a+" * 9_000 + "a",
        "".join(" " * depth + "for x in y:\n" for depth in range(90)) + " " * 90 + "z = w",
        "for x in y:\n" + "".join(f" for q{number} in [a{number}]: b=c\n" for number in range(600)),
        "z=" + "[x for x in " * 90 + "y" + "]" * 90,
        "lambda: " * 2_400 + "a",
        "-" * 19_000 + "a",
        "a" + ".a" * 9_000,
        "a if a else " * 1_500 + "a",
        "(",
        "\x00",
        "a = '\ud800'",
        "x = 1\n" * 5_000,
    ],
)
def test_hostile_scripts_are_judged_soon_or_not_at_all(source: str) -> None:
    start = time.process_time()
    first_reads(source)
    assert time.process_time() - start < 2
