"""What expressions give: one line per case, by topic."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.feel import parse

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DATA = {
    "name": "Ada",
    "amount": 1500,
    "rate": 0.1,
    "tags": ["a", "b"],
    "empty": [],
    "nothing": None,
    "due": "2026-04-02",
    "items": [{"sku": "A", "qty": 2, "price": 10}, {"sku": "B", "qty": 5, "price": 1.5}],
    "customer": {"name": "Grace", "tier": "gold", "address": {"city": "Bern"}},
    "Service Level": 3,
    "a-b": 7,
    "a": 5,
    "b": 2,
    "count": 4,
}

CASES: dict[str, list[tuple[str, Any]]] = {
    "arithmetic": [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("7 / 2", 3.5),
        ("10 - 3 - 2", 5),
        ("0.1 + 0.2", 0.3),
        ("amount * rate", 150),
        ("1 / 0", None),
        ("-amount", -1500),
        ("9 ** 999999", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ("nothing + 1", None),
    ],
    "comparison": [
        ("amount > 1000", True),
        ('name = "Ada"', True),
        ('name != "Ada"', False),
        ("nothing = null", True),
        ("nothing != null", False),
        ('1 = "1"', None),
        ('1 < "2"', None),
        ("[1, 2] = [1, 2]", True),
        ("[1, 2] = [2, 1]", False),
        ("{a: 1} = {a: 1}", True),
        ("[5] = 5", True),
        ("amount between 1000 and 2000", True),
        ("amount between 1 and 2", False),
    ],
    "logic": [
        ("true and false", False),
        ("true and nothing", None),
        ("false and nothing", False),
        ("true or nothing", True),
        ("false or nothing", None),
        ("not(true)", False),
        ("not(nothing)", None),
        ("true or true and false", True),
    ],
    "membership": [
        ("amount in [1000..2000]", True),
        ("1500 in (1500..2000]", False),
        ("1500 in [1000..1500[", False),
        ("1500 in ]1000..1500]", True),
        ('name in ("Bob", "Ada")', True),
        ("amount in (< 10, > 1000)", True),
        ('name in ["Ada"]', True),
        ("5 in (> 3)", True),
        ("5 in [10..1]", False),
        ("6 in (1 + 2) * 2", True),
        ("10 in (items).price", True),
        ("2 in ([1, 2])[item > 1]", True),
    ],
    "structures": [
        ("customer.address.city", "Bern"),
        ("customer.missing", None),
        ("customer.missing.deeper", None),
        ("items.sku", ["A", "B"]),
        ("items[1].sku", "A"),
        ("items[-1].sku", "B"),
        ("items[9]", None),
        ("items[qty > 2].sku", ["B"]),
        ("items[item.qty = 2].price", [10]),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("tags[b]", "b"),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"x y": 1}.x y', 1),
        ("nothing.field", None),
        ("empty[1]", None),
    ],
    "names": [
        ("Service Level + 1", 4),
        ("a-b", 7),
        ("a - b", 3),
        ("Service  Level > 2", True),
        ("count([1, 2])", 2),
        ("count", 4),
    ],
    "control": [
        ('if amount > 1 then "high" else "low"', "high"),
        ("if nothing then 1 else 2", 2),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
        ("for i in [1..3) return i", [1, 2]),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", [1, 2, 6, 24]),
        ("for i in nothing return i", None),
        ("some i in items satisfies i.qty > 4", True),
        ("every i in items satisfies i.qty > 4", False),
        ("some i in [] satisfies true", False),
        ("every i in [] satisfies false", True),
    ],
    "functions in FEEL": [
        ("(function(x) x * 2)(4)", 8),
        ("{double: function(x: number) x * 2, r: double(4)}.r", 8),
        ('{double: function(x: number) x * 2, r: double("4")}.r', None),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", 120),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
    ],
    "dates": [
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('date("2026-03-31") - date("2026-03-01")', "P30D"),
        ('@"2026-03-31T10:00:00Z" + @"PT36H"', "2026-04-01T22:00:00Z"),
        ('@"2026-03-28T12:00:00@Europe/Berlin" + @"P1D"', "2026-03-29T13:00:00@Europe/Berlin"),
        ('@"2026-01-01T10:00:00+02:00" = @"2026-01-01T08:00:00Z"', True),
        ('@"2026-01-01T10:00:00" < @"2026-01-01T08:00:00Z"', None),
        ('duration("P1Y6M") / 2', "P9M"),
        ('duration("PT90M")', "PT1H30M"),
        ('@"23:30:00" + @"PT1H"', "00:30:00"),
        ("date(due) > today()", True),
        ("due > today()", None),
        ("now()", "2026-03-31T12:00:00Z"),
        ("today().weekday", 2),
        ('@"2026-02-30"', None),
        ('@"9999-12-31" + @"P1D"', None),
        ('date("2026-03-31").month', 3),
        ('(@"P3DT4H").hours', 4),
    ],
    "types": [
        ("1 instance of number", True),
        ("[1] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ('@"P1D" instance of days and time duration', True),
        ("nothing instance of number", False),
        ("nothing instance of Null", True),
    ],
    "comments": [("1 /* one */ + // two\n 2", 3)],
    "texts": [(r'"a\"b\n\u00e9"', 'a"b\n\u00e9'), (r'"\uD83D\uDE00"', "\U0001f600")],
}


@pytest.mark.parametrize(("source", "expected"), [case for cases in CASES.values() for case in cases])
def test_expression_gives(source: str, expected: Any) -> None:
    assert parse(source, DATA).evaluate(DATA, now=NOW) == expected


def test_a_null_that_comes_from_a_mistake_is_always_explained() -> None:
    mistakes = [
        '"a" + 1',
        '1 < "2"',
        "customer.missing",
        "unknown",
        "1 / 0",
        "due > today()",
        "items[9]",
        'date("tomorrow")',
        "5 in 1",
    ]
    for source in mistakes[:-1]:
        warnings: list[str] = []
        assert parse(source).evaluate(DATA, now=NOW, warnings=warnings) is None
        assert warnings, source


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("due > today()", ("string", "date", "date()")),
        ("amont > 1", ("amont",)),
        ("customer.nam", ("nam",)),
        ('substring("abc", "x")', ("substring", "start position: number")),
        ("name + amount", ("string()",)),
    ],
)
def test_warnings_name_what_is_wrong(source: str, words: tuple[str, ...]) -> None:
    warnings: list[str] = []
    parse(source).evaluate(DATA, now=NOW, warnings=warnings)
    assert all(word in " ".join(warnings) for word in words), warnings


def test_warnings_are_capped() -> None:
    warnings: list[str] = []
    parse("for i in 1..1000 return {a: i}[string(i)]").evaluate({}, now=NOW, warnings=warnings)
    parse("for i in 1..1000 return get value({}, string(i))").evaluate({}, now=NOW, warnings=warnings)
    assert len(warnings) <= 50


def test_the_clock_is_the_one_that_is_passed_in() -> None:
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert parse("today()").evaluate({}, now=late) == "2026-03-31"
    assert parse("today()").evaluate({}, now=late, time_zone=ZoneInfo("Europe/Berlin")) == "2026-04-01"
    with pytest.raises(ValueError, match="time zone"):
        parse("now()").evaluate({}, now=datetime(2026, 3, 31))  # noqa: DTZ001 - the point


def test_free_names_are_told_certain_from_possible() -> None:
    expression = parse('some i in items satisfies i.qty > limit and orders[status = "open"][1].total > count([x])')
    assert expression.names == {"items", "limit", "orders", "status", "x"}
    assert expression.certain_names == {"items", "limit", "orders", "x"}
    assert parse("{a: 1, b: a + c}.b").names == {"c"}
    assert parse("(function(x) x + y)(1)").names == {"y"}
    assert parse("for i in 1..3 return partial").names == set()


def test_mappings_of_the_host_are_read_entry_by_entry() -> None:
    class Record(Mapping[str, Any]):
        def __init__(self) -> None:
            self.read: list[str] = []

        def __getitem__(self, key: str) -> Any:
            self.read.append(key)
            return {"title": "Printer", "lines": [1, 2]}[key]

        def __iter__(self) -> Iterator[str]:
            return iter(("title", "lines"))

        def __len__(self) -> int:
            return 2

    record = Record()
    assert parse('need.title = "Printer" and need.missing = null').evaluate({"need": record}, now=NOW) is True
    assert record.read == ["title", "missing"]
    assert parse("need").value({"need": record}, now=NOW) is record
    assert "lines" not in record.read
    assert parse("need").evaluate({"need": record}, now=NOW) == {"title": "Printer", "lines": [1, 2]}
    assert parse('[need][title = "Printer"].lines').evaluate({"need": record}, now=NOW) == [[1, 2]]


def test_other_objects_of_the_host_are_null() -> None:
    assert parse("x = null").evaluate({"x": object()}, now=NOW) is True
    assert parse("x.__class__").evaluate({"x": {"y": 1}}, now=NOW) is None
    assert parse("x").evaluate({"x": float("nan")}, now=NOW) is None
