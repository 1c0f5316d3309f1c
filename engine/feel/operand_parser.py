"""Owns the grammar of operands (literals, names, brackets, calls, paths, filters); operators lie in `parser`."""

from abc import abstractmethod

from engine.feel import nodes
from engine.feel.cursor import Cursor, Refusal
from engine.feel.lexer import KEYWORDS, unquoted
from engine.feel.names import Names
from engine.feel.nodes import Node
from engine.feel.values import number_of

COMPARISONS = frozenset(("=", "!=", "<", ">", "<=", ">="))
COMPARISON_LEVEL = 3


class OperandParser(Cursor):
    """Recursive descent over operands; each method takes one construct and leaves the position behind it."""

    def __init__(self, source: str, names: Names) -> None:
        super().__init__(source, names)
        self._range_ends = 0

    @abstractmethod
    def expression(self) -> Node:
        """Take any expression."""

    @abstractmethod
    def operators(self, level: int) -> Node:
        """Take operands joined by operators that bind tighter than `level`."""

    def postfix(self, value: Node) -> Node:
        """Take the paths, filters and calls that follow `value`."""
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

    def primary(self) -> Node:
        """Take a literal, a name, or what stands in brackets."""
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
            operand = self.operators(COMPARISON_LEVEL)
            self.expect(")")
            return nodes.Bound(at, word, operand)
        first = self.expression() if opening == "(" else self.operators(COMPARISON_LEVEL)
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
            end = self.operators(COMPARISON_LEVEL)
        finally:
            self._range_ends -= 1
        end_included = self.accept("]")
        if not end_included and not self.accept(")") and not self.accept("["):
            self.refuse_word("the end of the range, ']' or ')',")
        return nodes.RangeOf(at, start_included, start, end, end_included)

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
