"""Owns the grammar of FEEL (DMN 1.5, 10.3.1.2).

Words in, nodes out; it evaluates nothing and knows no variable's value.

Precedence climbing over the words of a `Cursor`. Whatever is wrong with a text ends in one `ExpressionRefused`,
whatever its size or shape: words, nesting and tries are all limited.
"""

from collections.abc import Callable
from typing import TypeVar

from engine.errors import ExpressionRefused
from engine.feel import nodes
from engine.feel.cursor import Cursor, OutOfFuel, Refusal
from engine.feel.lexer import KEYWORDS, LexicalError, unquoted
from engine.feel.names import Names
from engine.feel.nodes import Node, TypeNode
from engine.feel.type_parser import parse_type
from engine.feel.values import number_of

MAX_NESTING = 40
"""How deep an expression may be nested as written. A level costs the parser about ten frames of Python's stack."""

MAX_DEPTH = 120
"""How deep the tree of nodes may be: every level costs a few frames of Python's stack."""

COMPARISONS = frozenset(("=", "!=", "<", ">", "<=", ">="))
_COMPARISON_LEVEL = 3
_ARITHMETIC = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}

_Result = TypeVar("_Result", bound=Node)


class Parser(Cursor):
    """Recursive descent over one text; each method takes one construct and leaves the position behind it."""

    def __init__(self, source: str, names: Names) -> None:
        super().__init__(source, names)
        self._nesting = 0
        self._range_ends = 0

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
        return self._operators(0)

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

    def _operators(self, level: int) -> Node:
        """Take operands joined by operators that bind tighter than `level`.

        Or 1, and 2, comparisons 3, + 4, * 5, ** 6.
        """
        left = self._descend(self._unary)
        while True:
            word, at = self.word, left.at
            if word is None or self.kind not in ("sign", "name"):
                return left
            binding = 1 if word == "or" else 2 if word == "and" else _ARITHMETIC.get(word, _COMPARISON_LEVEL)
            if binding <= level:
                return left
            if word in ("or", "and"):
                terms = [left]
                while self.accept(word):
                    terms.append(self._operators(binding))
                left = (nodes.Disjunction if word == "or" else nodes.Conjunction)(at, tuple(terms))
            elif word in _ARITHMETIC:
                rest: list[tuple[str, Node]] = []
                while word is not None and _ARITHMETIC.get(word) == binding:
                    self.index += 1
                    rest.append((word, self._operators(binding)))
                    word = self.word
                left = nodes.Arithmetic(at, left, tuple(rest))
            elif word in COMPARISONS:
                self.index += 1
                left = nodes.Comparison(at, word, left, self._operators(_COMPARISON_LEVEL))
            elif word == "between":
                self.index += 1
                low = self._operators(_COMPARISON_LEVEL)
                self.expect("and")
                left = nodes.Between(at, left, low, self._operators(_COMPARISON_LEVEL))
            elif word == "in":
                self.index += 1
                left = nodes.In(at, left, self._in_tests())
            else:
                return left

    def _unary(self) -> Node:
        at = self.position
        if self.accept("-"):
            return nodes.Negation(at, self._descend(self._unary))
        value = self._postfix(self._primary())
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
                return self._test_list(")")
            except Refusal:
                self.index = start  # `x in (1..5)` or `x in (a + b) * 2`: not a list of tests after all
        return (self._test(_COMPARISON_LEVEL),)

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
            return nodes.Test(at, word, self._operators(_COMPARISON_LEVEL))
        return nodes.Test(at, None, self.expression() if level is None else self._operators(level))

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

    # -- what binds tightest

    def _postfix(self, value: Node) -> Node:
        while True:
            word, at = self.word, self.position
            if word == ".":
                steps: list[str] = []
                while self.accept("."):
                    steps.append(self.name())
                value = nodes.Path(at, value, tuple(steps))
            elif word == "[":
                start = self.index
                try:
                    self.index += 1
                    condition = self.expression()
                    self.expect("]")
                except Refusal:
                    if not self._range_ends:
                        raise
                    self.index = start  # `[1..5[`: the bracket ends a range
                    return value
                value = nodes.Filter(at, value, condition)
            elif word == "(":
                value = self._call(value)
            else:
                return value

    def _call(self, function: Node) -> Node:
        at = function.at
        self.expect("(")
        positional: list[Node] = []
        named: list[tuple[str, Node]] = []
        while self.word != ")":
            name = self._argument_name()
            if name is None:
                positional.append(self.expression())
            else:
                named.append((name, self.expression()))
            if not self.accept(","):
                break
        self.expect(")")
        if positional and named:
            self.refuse("arguments are given either by position or by name, not both ways in one call.", at)
        return nodes.Call(at, function, tuple(positional), tuple(named))

    def _argument_name(self) -> str | None:
        if self.kind != "name":
            return None
        end = self.index
        while end < len(self.words) and self.words[end].kind in ("name", "number"):
            end += 1
        if end < len(self.words) and self.words[end].text == ":":
            name = " ".join(word.text for word in self.words[self.index : end])
            self.index = end + 1
            return name
        match = self.names.match(self.words, self.index)
        end = self.index + match[0] if match else end
        if match and end < len(self.words) and self.words[end].text == ":":
            self.index = end + 1
            return match[1]
        return None

    def _primary(self) -> Node:
        self.burn()
        token = self.token
        if token is None:
            self.refuse_word("a value")
        at = token.start
        if token.kind == "sign":
            if token.text in ("(", "]"):
                return self._parenthesis(token.text, at)
            if token.text == "[":
                return self._bracket(at)
            if token.text == "{":
                return self._context(at)
            self.refuse_word("a value")
        if token.kind == "name":
            return self._named(token.text, at)
        self.index += 1
        if token.kind == "number":
            return nodes.Literal(at, number_of(token.text))
        if token.kind == "text":
            return nodes.Literal(at, unquoted(token))
        return nodes.TemporalLiteral(at, unquoted(token))

    def _named(self, word: str, at: int) -> Node:
        if word in KEYWORDS and not self.names.match(self.words, self.index):
            if word in ("true", "false", "null"):
                self.index += 1
                return nodes.Literal(at, None if word == "null" else word == "true")
            if word in ("if", "for", "some", "every") or (word == "function" and self.ahead(1) == "("):
                return self.expression()
            if word != "not":
                self.refuse_word("a value")
        return nodes.Name(at, self.name())

    def _parenthesis(self, opening: str, at: int) -> Node:
        self.index += 1
        word = self.word
        if opening == "(" and word in COMPARISONS:
            self.index += 1
            operand = self._operators(_COMPARISON_LEVEL)
            self.expect(")")
            return nodes.Bound(at, word, operand)
        first = self.expression() if opening == "(" else self._operators(_COMPARISON_LEVEL)
        if self.accept(".."):
            return self._range(at, False, first)
        if opening == "]":
            self.refuse_word("'..' and the end of a range")
        self.expect(")")
        return first

    def _bracket(self, at: int) -> Node:
        self.index += 1
        if self.word in COMPARISONS:
            self.refuse_word("a value")
        if self.accept("]"):
            return nodes.ListOf(at, ())
        first = self.expression()
        if self.accept(".."):
            return self._range(at, True, first)
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return nodes.ListOf(at, tuple(items))

    def _range(self, at: int, start_included: bool, start: Node) -> Node:
        self._range_ends += 1
        try:
            end = self._operators(_COMPARISON_LEVEL)
        finally:
            self._range_ends -= 1
        if self.accept("]"):
            return nodes.RangeOf(at, start_included, start, end, True)
        if self.accept(")") or self.accept("["):
            return nodes.RangeOf(at, start_included, start, end, False)
        self.refuse_word("the end of the range, ']' or ')',")

    def _context(self, at: int) -> Node:
        self.index += 1
        entries: list[tuple[str, Node]] = []
        while self.word != "}":
            token = self.token
            if token is not None and token.kind == "text":
                name = unquoted(token)
                self.index += 1
                self.names.add(name)
            else:
                name = self.new_name(":", "}")
            self.expect(":")
            entries.append((name, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        if len({name for name, _ in entries}) < len(entries):
            self.refuse("two entries of this context have the same name.", at)
        return nodes.ContextOf(at, tuple(entries))


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
