"""No module imports itself through others when it runs; types may know one another."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "forms", "webapp", "workflows")


def modules() -> dict[str, Path]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def at_run_time(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """Yield the imports in `node`, but for those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.ImportFrom):
            yield child
        yield from at_run_time(child)


def imports(name: str, file: Path, known: dict[str, Path]) -> set[str]:
    found = set()
    for each in at_run_time(ast.parse(file.read_text())):
        for alias in each.names:
            inner = f"{each.module}.{alias.name}"
            found.add(inner if inner in known else each.module or "")
    return (found & known.keys()) - {name}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return a path of modules that leads back to its beginning; nothing when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}}) == []
    assert set(circle({"x": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}


def test_no_module_needs_itself() -> None:
    known = modules()
    assert len(known) > 400
    assert circle({name: imports(name, file, known) for name, file in known.items()}) == []
