"""Owns the question which names a script reads before it could have set them; it runs nothing and knows no case.

It goes through the script in the order in which Python would. A name counts as set as soon as any way through it may
have set it, so what is told is read without having been set on every way that gets there.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from engine.errors import ExpressionRefused
from engine.scripting.names import names_of, parsed

_BUILTINS: Final = """
    ArithmeticError AssertionError AttributeError BaseException Ellipsis Exception False FileExistsError
    FileNotFoundError ImportError IndexError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
    ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError OverflowError
    PermissionError RecursionError RuntimeError StopIteration SyntaxError SystemExit TimeoutError True TypeError
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError ValueError ZeroDivisionError __debug__ __doc__ __name__
    __package__ __spec__ abs all any bin bool bytes chr complex dict divmod enumerate eval exec filter float format
    frozenset getattr hasattr hash hex id int isinstance iter len list locals map max min next object oct open ord pow
    print property range repr reversed round set setattr slice sorted str sum tuple type zip
"""
BUILTINS: Final = frozenset(_BUILTINS.split())
"""What the sandbox brings along by name."""

_UNKNOWABLE: Final = frozenset(("eval", "exec", "locals"))
_CATCH_MISSING: Final = frozenset(("NameError", "Exception", "BaseException"))
_SCOPES = ast.Lambda | ast.FunctionDef
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_NOTHING: Final[frozenset[str]] = frozenset()


@lru_cache(1_024)
def first_reads(source: str) -> Mapping[str, int]:
    """Return the names that `source` needs from outside, each with the line (from 1) that reads it first.

    Empty for a script that cannot be judged: it does not parse, is nested too deeply, or looks names up by itself.
    """
    try:
        names_of(source)
        reading = _Reading()
        reading.all(parsed(source).body)
        if reading.called & _UNKNOWABLE:
            return {}
        reading.functions_later()
    except (ExpressionRefused, RecursionError, MemoryError, SyntaxError, SystemError):
        return {}
    return reading.needs


def bound_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that `nodes` bind where they stand: not those within functions and comprehensions of theirs."""
    found, waiting = set[str](), list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            found.update(filter(None, (node.name,)))
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        if isinstance(node, _COMPREHENSIONS):  # only `:=` binds outside of one
            waiting.extend(part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr))
        elif not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))
    return found


class _Reading:
    """One way through a script. `bound` are the names that may be set by now, `later` those that a loop may have set.

    `within` are the names that belong to a function or comprehension around, `guarded` says that a name that is not
    there is caught.
    """

    def __init__(self) -> None:
        self.needs: dict[str, int] = {}
        self.called: set[str] = set()
        self.bound: set[str] = set()
        self.later: frozenset[str] = _NOTHING
        self.loop: frozenset[str] = _NOTHING
        self.within: frozenset[str] = _NOTHING
        self.guarded = self.ever_guarded = False
        self._functions: list[tuple[ast.FunctionDef | ast.Lambda, frozenset[str]]] = []

    def functions_later(self) -> None:
        """Look into the functions: when they are called, everything may have been set that ever is."""
        if self.ever_guarded:
            return  # who calls them may catch what is not there
        while self._functions:
            function, around = self._functions.pop()
            if isinstance(function, ast.FunctionDef) and function.name not in self.called:
                continue
            body = function.body if isinstance(function, ast.FunctionDef) else [function.body]
            has = function.args
            own = {each.arg for each in (*has.posonlyargs, *has.args, *has.kwonlyargs, has.vararg, has.kwarg) if each}
            self.within = around | own | bound_in(body)
            self.later = self.loop = _NOTHING
            self.all(body)

    def all(self, nodes: Iterable[ast.AST | None]) -> None:
        """Go through `nodes` in their order."""
        for node in nodes:
            if node is not None:
                self.one(node)

    def one(self, node: ast.AST) -> None:
        """Go through `node` and what is in it."""
        visit = _VISITS.get(type(node))
        if visit is not None:
            visit(self, node)
        else:
            self.all(ast.iter_child_nodes(node))

    def maybe(self, nodes: Iterable[ast.AST | None]) -> None:
        """Go through what may be left out: in a loop, an earlier round may have set what is read there."""
        before, self.later = self.later, self.later | self.loop
        self.all(nodes)
        self.later = before

    def name(self, node: ast.Name) -> None:
        """Note what is read or set here."""
        if isinstance(node.ctx, ast.Store):
            self.bind(node.id)
        else:
            self.read(node.id, node.lineno)

    def read(self, name: str, line: int) -> None:
        """Note a name that is read, if nothing can have set it."""
        self.called.add(name)
        if not self.guarded and not any(name in known for known in (self.bound, self.later, self.within, BUILTINS)):
            self.needs.setdefault(name, line)

    def bind(self, name: str | None) -> None:
        """Note a name that is set, unless it is one of the function around."""
        if name and name not in self.within:
            self.bound.add(name)

    def assign(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr) -> None:
        """Read the value, then set the targets; an annotation is not looked at."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None:
            self.all((node.value, *targets))

    def change(self, node: ast.AugAssign) -> None:
        """Read what is changed, then set it."""
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, node.lineno)
        self.all((node.value, node.target))

    def repeat(self, node: ast.For | ast.While) -> None:
        """Go through a loop as its first round does."""
        around, self.loop = self.loop, self.loop | bound_in(node.body)
        if isinstance(node, ast.For):
            self.all((node.iter, node.target))
        else:
            self.one(node.test)
        left = False
        for statement in node.body:
            (self.maybe if left else self.all)([statement])
            left = left or any(isinstance(part, ast.Continue | ast.Break | ast.Return) for part in ast.walk(statement))
        self.loop = around
        self.maybe(node.orelse)

    def choose(self, node: ast.If | ast.IfExp) -> None:
        """Go through both branches, one after the other."""
        self.one(node.test)
        for branch in (node.body, node.orelse):
            self.maybe(branch if isinstance(branch, list) else [branch])

    def either(self, node: ast.BoolOp) -> None:
        """Go through `and` and `or`: only the first part is sure to be looked at."""
        self.one(node.values[0])
        self.maybe(node.values[1:])

    def attempt(self, node: ast.Try) -> None:
        """Go through a `try`; what is read there may be missing if that is caught."""
        around = self.guarded
        if any(_catches_missing(handler.type) for handler in node.handlers):
            self.guarded = self.ever_guarded = True
        self.maybe(node.body)
        self.guarded = around
        self.maybe((*node.handlers, *node.orelse))
        self.maybe(node.finalbody)

    def handle(self, node: ast.ExceptHandler) -> None:
        """Go through the handling of an exception, which has a name there."""
        self.bind(node.name)
        self.all((node.type, *node.body))

    def match(self, node: ast.Match) -> None:
        """Go through the cases one after the other."""
        self.one(node.subject)
        for case in node.cases:
            for name in bound_in([case.pattern]):
                self.bind(name)
            self.maybe((case.pattern, case.guard, *case.body))

    def comprehend(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        """Go through a comprehension, whose variables are its own."""
        around = self.within
        for number, part in enumerate(node.generators):
            (self.maybe if number else self.all)([part.iter])
            self.within |= bound_in([part.target])
            self.maybe(part.ifs)
        self.maybe((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,))
        self.within = around

    def define(self, node: ast.FunctionDef | ast.Lambda) -> None:
        """Look at what is worked out where a function is defined; what is in it comes later."""
        if isinstance(node, ast.FunctionDef):
            self.all(node.decorator_list)
            self.bind(node.name)
        self.all((*node.args.defaults, *node.args.kw_defaults))
        self._functions.append((node, self.within))


def _catches_missing(kind: ast.expr | None) -> bool:
    return kind is None or any(isinstance(part, ast.Name) and part.id in _CATCH_MISSING for part in ast.walk(kind))


_VISITS: Final[Mapping[type[ast.AST], Callable[[_Reading, Any], None]]] = {
    ast.Name: _Reading.name,
    ast.Assign: _Reading.assign,
    ast.AnnAssign: _Reading.assign,
    ast.NamedExpr: _Reading.assign,
    ast.AugAssign: _Reading.change,
    ast.For: _Reading.repeat,
    ast.While: _Reading.repeat,
    ast.If: _Reading.choose,
    ast.IfExp: _Reading.choose,
    ast.BoolOp: _Reading.either,
    ast.Try: _Reading.attempt,
    ast.ExceptHandler: _Reading.handle,
    ast.Match: _Reading.match,
    ast.ListComp: _Reading.comprehend,
    ast.SetComp: _Reading.comprehend,
    ast.DictComp: _Reading.comprehend,
    ast.GeneratorExp: _Reading.comprehend,
    ast.FunctionDef: _Reading.define,
    ast.Lambda: _Reading.define,
}
