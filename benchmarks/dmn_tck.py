"""Prints how many results of the DMN Technology Compatibility Kit come out right, for levels 2 and 3.

Usage: python benchmarks/dmn_tck.py FOLDER [--failures]

FOLDER is a checkout of the suite (https://github.com/dmn-tck/tck, Apache-2.0), or any folder that contains its
`compliance-level-2` and `compliance-level-3`. An evaluator that always says null would score well, so results other
than null are counted apart.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lxml import etree
from lxml.etree import _Element as Element

from engine.decisions.document import child, children, name_of
from engine.decisions.model import DecisionModel
from engine.decisions.reader import read_model
from engine.errors import ComityError
from engine.feel.comparison import equal
from engine.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time
from engine.feel.values import kind, native

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
_STEPS, _CALLS = 2_000_000, 200
_TOLERANCE = Decimal("1e-8")
_READERS = {
    "date": parse_date, "time": parse_time, "dateTime": parse_date_time,
    "duration": parse_duration, "dayTimeDuration": parse_duration, "yearMonthDuration": parse_duration,
}  # fmt: skip


def value_of(element: Element | None) -> Any:
    """Return the FEEL value that a node of a test case describes."""
    if element is None:
        return None
    single = child(element, "value")
    if single is not None:
        return _single(single)
    listed = child(element, "list")
    if listed is not None:
        return None if _is_nil(listed) else [value_of(item) for item in children(listed, "item")]
    parts = children(element, "component")
    if not parts or (_is_nil(parts[0]) and not parts[0].get("name")):
        return None
    return {name_of(part): None if _is_nil(part) else value_of(part) for part in parts}


def _is_nil(element: Element) -> bool:
    return element.get(f"{_XSI}nil") == "true"


def _single(element: Element) -> Any:
    if _is_nil(element):
        return None
    of_type, text = (element.get(f"{_XSI}type") or "").rpartition(":")[2], element.text or ""
    if of_type in ("decimal", "double", "integer", "int", "float", "long"):
        return Decimal(text.strip())
    if of_type == "boolean":
        return text.strip() == "true"
    if of_type in _READERS:
        value = _READERS[of_type](text.strip())
        return f"unreadable {of_type} {text}" if value is None else value
    return text


def alike(found: Any, expected: Any) -> bool:
    """Say whether a result is the expected one, numbers to eight places."""
    if found is None or expected is None:
        return found is expected
    found, expected = native(found), native(expected)
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return abs(found - expected) <= _TOLERANCE * max(Decimal(1), abs(found))
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[name], expected[name]) for name in found)
    return kind(found) == kind(expected) and equal(found, expected) is True


def results(folder: Path) -> Iterator[tuple[str, Any, Any]]:
    """Yield (where, found, expected) for every result node of the tests in `folder`."""
    library = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn"))}
    for tests in sorted(folder.glob("*-test-*.xml")):
        root = etree.parse(str(tests), etree.XMLParser(resolve_entities=False, remove_comments=True)).getroot()
        named = child(root, "modelName")
        file = ((named.text if named is not None else None) or "").strip().removesuffix(".dmn") + ".dmn"
        model, _ = read_model(library[file], file, library)
        for case in children(root, "testCase"):
            inputs: dict[Any, Any] = {}
            for node in children(case, "inputNode"):
                inputs[name_of(node)] = value_of(node)
                if node.get("namespace"):
                    inputs[node.get("namespace"), name_of(node)] = inputs[name_of(node)]
            for node in children(case, "resultNode"):
                expected = value_of(child(node, "expected"))
                where = f"{folder.name} {case.get('id')} {name_of(node)}"
                yield where, _found(model, case.get("invocableName"), name_of(node), inputs), expected


def _found(model: DecisionModel | None, invocable: str | None, name: str, inputs: dict[Any, Any]) -> Any:
    if model is None:
        return "the model cannot be read"
    try:
        value = model.invoke(" ".join((invocable or name).split()), inputs, now=_NOW, steps=_STEPS, max_calls=_CALLS)
    except ComityError:
        return None  # by the standard, what cannot be computed is null
    except KeyError:
        return "there is no such decision"
    return value[name] if invocable and isinstance(value, dict) and name in value and name != invocable else value


@dataclass
class Counted:
    """How many results of a level there are and are right; those that are not null apart. `wrong` is by folder."""

    all: int = 0
    right: int = 0
    not_null: int = 0
    right_not_null: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


def count(kit: Path, level: int, told: Callable[[str], None] = lambda _: None) -> Counted:
    """Return how many results of a level come out right; `told` is given a line for each that does not."""
    counted = Counted()
    for folder in sorted(path for path in kit.rglob(f"compliance-level-{level}/*") if path.is_dir()):
        for where, found, expected in results(folder):
            right = alike(found, expected)
            counted.all += 1
            counted.right += right
            counted.not_null += expected is not None
            counted.right_not_null += right and expected is not None
            if not right:
                counted.wrong[folder.name] += 1
                told(f"  {where}: found {str(found)[:80]}, expected {str(expected)[:80]}")
    return counted


def main(given: Sequence[str] | None = None) -> int:
    """Run the suite and print one line per level."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="a folder that contains compliance-level-2 and compliance-level-3")
    arguments.add_argument("--failures", action="store_true", help="print every wrong result")
    chosen = arguments.parse_args(given)
    for level in (2, 3):
        start = time.perf_counter()
        counted = count(chosen.folder, level, print if chosen.failures else lambda _: None)
        if not counted.all:
            print(f"{chosen.folder} holds no compliance-level-{level}.", file=sys.stderr)
            return 1
        seconds = time.perf_counter() - start
        print(
            f"Level {level}: {counted.right} of {counted.all} results "
            f"({100 * counted.right / counted.all:.1f} %), "
            f"other than null {counted.right_not_null} of {counted.not_null}, {seconds:.1f} s"
        )
        for name, wrong in counted.wrong.most_common():
            print(f"  {wrong:4} wrong in {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
