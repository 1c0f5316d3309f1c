"""Owns the grammar of FEEL (DMN 1.5, 10.3.1.2).

Words in, nodes out; it evaluates nothing and knows no variable's value.

Precedence climbing over the words of a `Cursor`. Whatever is wrong with a text ends in one `ExpressionRefused`,
whatever its size or shape: words, nesting and tries are all limited.
"""

from collections.abc import Callable
from typing import TypeVar

from engine.errors import ExpressionRefused
from engine.feel import nodes
from engine.feel.cursor import OutOfFuel, Refusal
from engine.feel.lexer import LexicalError
from engine.feel.names import Names
from engine.feel.nodes import Node, TypeNode
from engine.feel.operand_parser import COMPARISON_LEVEL, COMPARISONS, OperandParser
from engine.feel.type_parser import parse_type

MAX_NESTING = 40
"""How deep an expression may be nested as written. A level costs the parser about ten frames of Python's stack."""

MAX_DEPTH = 120
"""How deep the tree of nodes may be: every level costs a few frames of Python's stack."""

_GOES_ON = frozenset((".", "[", "(", "+", "-", "*", "/", "**", "instance"))
"""Words that make what stands in parentheses before them an operand."""
_ARITHMETIC = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}

_Result = TypeVar("_Result", bound=Node)


class Parser(OperandParser):
    """Recursive descent over one text; each method takes one construct and leaves the position behind it."""

    def __init__(self, source: str, names: Names) -> None:
        super().__init__(source, names)
        self._nesting = 0

    def _descend(self, read: Callable[[], Node]) -> Node:
        self._nesting += 1
        if self._nesting > 2 * MAX_NESTING:  # a level is an expression and the operand in it
            raise OutOfFuel
        try:
            return read()
        finally:
            self._nesting -= 1

    def expression(self) -> Node:
        """Take any expression."""
        return self._descend(self._expression)

    def _expression(self) -> Node:
        word, at = self.word, self.position
        if word == "if":
            self.index += 1
            condition = self.expression()
            self.expect("then")
            then = self.expression()
            self.expect("else")
            return nodes.If(at, condition, then, self.expression())
        if word == "for":
            self.index += 1
            iterators = self._iterators()
            self.expect("return")
            return nodes.For(at, iterators, self.expression())
        if word in ("some", "every") and self.index + 1 < len(self.words) and self.words[self.index + 1].kind == "name":
            self.index += 1
            iterators = self._iterators()
            self.expect("satisfies")
            return nodes.Quantified(at, word == "some", iterators, self.expression())
        if word == "function" and self.ahead(1) == "(":
            return self._lambda()
        return self.operators(0)

    def _iterators(self) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        while True:
            name = self.new_name("in")
            self.expect("in")
            at, domain = self.position, self.expression()
            if self.accept(".."):
                domain = nodes.Steps(at, domain, self.expression())
            found.append((name, domain))
            if not self.accept(","):
                return tuple(found)

    def _lambda(self) -> Node:
        at = self.position
        self.expect("function")
        self.expect("(")
        parameters: list[tuple[str, TypeNode | None]] = []
        while self.word != ")":
            name = self.new_name(",", ":", ")")
            parameters.append((name, parse_type(self) if self.accept(":") else None))
            if not self.accept(","):
                break
        self.expect(")")
        if self.word == "external":
            self.refuse("functions in Java or PMML are not run here. Write the function in FEEL.")
        return nodes.Lambda(at, tuple(parameters), self.expression())

    # -- operators

    def operators(self, level: int) -> Node:
        """Take operands joined by operators that bind tighter than `level`.

        Or 1, and 2, comparisons 3, + 4, * 5, ** 6.
        """
        left = self._descend(self._unary)
        while True:
            word, at = self.word, left.at
            if word is None or self.kind not in ("sign", "name"):
                return left
            binding = 1 if word == "or" else 2 if word == "and" else _ARITHMETIC.get(word, COMPARISON_LEVEL)
            if binding <= level:
                return left
            if word in ("or", "and"):
                terms = [left]
                while self.accept(word):
                    terms.append(self.operators(binding))
                left = (nodes.Disjunction if word == "or" else nodes.Conjunction)(at, tuple(terms))
            elif word in _ARITHMETIC:
                rest: list[tuple[str, Node]] = []
                while word is not None and _ARITHMETIC.get(word) == binding:
                    self.index += 1
                    rest.append((word, self.operators(binding)))
                    word = self.word
                left = nodes.Arithmetic(at, left, tuple(rest))
            elif word in COMPARISONS:
                self.index += 1
                left = nodes.Comparison(at, word, left, self.operators(COMPARISON_LEVEL))
            elif word == "between":
                self.index += 1
                low = self.operators(COMPARISON_LEVEL)
                self.expect("and")
                left = nodes.Between(at, left, low, self.operators(COMPARISON_LEVEL))
            elif word == "in":
                self.index += 1
                left = nodes.In(at, left, self._in_tests())
            else:
                return left

    def _unary(self) -> Node:
        at = self.position
        if self.accept("-"):
            return nodes.Negation(at, self._descend(self._unary))
        value = self.postfix(self.primary())
        while self.word == "instance" and self.ahead(1) == "of":
            self.index += 2
            value = nodes.InstanceOf(at, value, parse_type(self))
        return value

    # -- tests

    def _in_tests(self) -> tuple[nodes.Test, ...]:
        if self.word == "(":
            start = self.index
            try:
                self.index += 1
                found = self._test_list(")")
                if self.word not in _GOES_ON:
                    return found
            except Refusal:
                pass
            self.index = start  # `x in (1..5)` or `x in (a + b) * 2`: not a list of tests after all
        return (self._test(COMPARISON_LEVEL),)

    def _test_list(self, end: str | None) -> tuple[nodes.Test, ...]:
        found = [self._test()]
        while self.accept(","):
            found.append(self._test())
        if end:
            self.expect(end)
        return tuple(found)

    def _test(self, level: int | None = None) -> nodes.Test:
        at, word = self.position, self.word
        if word in COMPARISONS:
            self.index += 1
            return nodes.Test(at, word, self.operators(COMPARISON_LEVEL))
        return nodes.Test(at, None, self.expression() if level is None else self.operators(level))

    def unary_tests(self) -> nodes.Tests:
        """Take the content of a decision cell (DMN 1.5, 10.3.1.2, rules 7 to 17)."""
        if self.word == "-" and len(self.words) == 1:
            self.index += 1
            return nodes.Tests(0, False, True, ())
        if self.word == "not" and self.ahead(1) == "(":
            start = self.index
            try:
                self.index += 2
                found = self._test_list(")")
                self.expect_end()
                return nodes.Tests(0, True, False, found)
            except Refusal:
                self.index = start  # `not(a) and b`: a condition that begins with a call
        found = self._test_list(None)
        self.expect_end()
        return nodes.Tests(0, False, False, found)


def _read(source: str, names: Names, read: Callable[[Parser], _Result]) -> _Result:
    parser: Parser | None = None
    try:
        parser = Parser(source, names)
        root = read(parser)
        parser.expect_end()
    except LexicalError as error:
        raise ExpressionRefused(source, error.reason, error.position) from None
    except Refusal as error:
        error = parser.furthest or error if parser else error
        raise ExpressionRefused(source, error.reason, error.position) from None
    except (OutOfFuel, RecursionError):
        raise ExpressionRefused(
            source, "it is nested too deeply or too ambiguous. Write it in smaller parts."
        ) from None
    if nodes.depth(root) > MAX_DEPTH:
        raise ExpressionRefused(source, "it is nested too deeply. Write it in smaller parts.")
    return root


def parse_expression(source: str, names: Names) -> Node:
    """Return the tree of the expression `source`; `names` are the declared names. Raises `ExpressionRefused`."""
    if not source.strip():
        raise ExpressionRefused(source, "it is empty.", 0)
    return _read(source, names, Parser.expression)


def parse_tests(source: str, names: Names) -> nodes.Tests:
    """Return the tree of the unary tests `source` (a decision cell). Raises `ExpressionRefused`."""
    if not source.strip():
        raise ExpressionRefused(source, "it is empty. A cell that matches anything holds a dash: -", 0)
    return _read(source, names, Parser.unary_tests)
