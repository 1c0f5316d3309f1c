"""Owns the grammar of type names (`list<number>`, `function<string> -> boolean`; DMN 1.5, 10.3.1.2, rules 66 to 71)."""

from engine.feel.cursor import Cursor, OutOfFuel
from engine.feel.names import Names
from engine.feel.nodes import TypeNode

_LONG_NAMES = Names(
    ["days and time duration", "years and months duration", "date and time", "day time duration", "year month duration"]
)
_MAX_NESTING = 30


def parse_type(cursor: Cursor, nesting: int = 0) -> TypeNode:
    """Take a type from `cursor`; refuse what is none."""
    cursor.burn()
    if nesting > _MAX_NESTING:
        raise OutOfFuel
    if cursor.kind != "name":
        cursor.refuse_word("a type")
    at = cursor.position
    match = _LONG_NAMES.match(cursor.words, cursor.index) or cursor.names.match(cursor.words, cursor.index)
    name = match[1] if match else cursor.words[cursor.index].text
    cursor.index += match[0] if match else 1
    while cursor.accept("."):
        name += "." + cursor.name()
    if name in ("list", "range") and cursor.accept("<"):
        item = parse_type(cursor, nesting + 1)
        cursor.expect(">")
        return TypeNode(at, name, (item,))
    if name == "context" and cursor.accept("<"):
        entries: list[tuple[str, TypeNode]] = []
        while cursor.word != ">":
            entry = cursor.new_name(":")
            cursor.expect(":")
            entries.append((entry, parse_type(cursor, nesting + 1)))
            if not cursor.accept(","):
                break
        cursor.expect(">")
        return TypeNode(at, name, (), tuple(entries))
    if name == "function" and cursor.accept("<"):
        parameters: list[TypeNode] = []
        while cursor.word != ">":
            parameters.append(parse_type(cursor, nesting + 1))
            if not cursor.accept(","):
                break
        cursor.expect(">")
        cursor.expect("->")
        return TypeNode(at, name, tuple(parameters), (), parse_type(cursor, nesting + 1))
    return TypeNode(at, name)
