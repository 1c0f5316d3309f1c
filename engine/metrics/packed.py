"""Ended cases packed into columns, day by day: how often each goes with which label, its numbers; knows no table.

A column of labels is a whole number with a bit for each case, so that to count the cases of some days that go with some
labels is to combine a few numbers and count their bits. How often a case goes with a label stands in several such
numbers: of the ones, the twos, the fours and so on.

Names and labels are those of engine.metrics.sums; `service`, `organisation` and `version` are there beside them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from itertools import compress
from operator import or_
from typing import Final

import msgpack

from engine.metrics.sums import TIMES, TROUBLES, SummedCase, band

_TO_FLAGS: Final = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(frozen=True, slots=True)
class PackedCase:
    """What is kept of a case: how often it goes with each label, by name and label, and its numbers by name."""

    labels: Mapping[tuple[str, str], int]
    numbers: Mapping[str, float]


def pack_case(
    case: SummedCase, version: int, organisation: str | None, labels: Mapping[tuple[str, str], int],
    values: Mapping[str, float],
) -> PackedCase:  # fmt: skip
    """Return what is kept of an ended case; `labels` by kind and value and `values` by measure stand beside its row."""
    said = {
        "cases": case.status,
        "outcome": case.outcome,
        "priority": band(case.priority),
        "feedback": case.feedback,
        "first_time_right": "" if case.first_time_right else None,
        "version": version,
        "organisation": organisation,
    }
    troubles = zip(TROUBLES, (case.hand_overs, case.failures, case.repeats, case.send_backs), strict=True)
    times = (case.cycle_seconds, case.working_seconds, case.waiting_seconds, case.idle_seconds)
    numbers = dict(zip(TIMES, times, strict=True)) | {f"own:{key}": value for key, value in values.items()}
    if case.effort_minutes is not None:
        numbers["effort"] = case.effort_minutes
    found = {(name, str(label)): 1 for name, label in said.items() if label is not None}
    return PackedCase({**found, **{(name, ""): often for name, often in troubles if often}, **labels}, numbers)


@dataclass(slots=True)
class Packed:
    """Ended cases of some days. `days` says how many ended on each, in ascending order."""

    days: dict[date, int] = field(default_factory=dict)
    _labels: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """by name and label: the cases that go with it, by the bits of how often"""
    _numbers: dict[str, tuple[int, list[float]]] = field(default_factory=dict)
    """by name: which cases have the number, and the numbers in their order"""

    @classmethod
    def decode(cls, content: bytes) -> "Packed":
        """Return what `encode` made `content` of."""
        days, labels, numbers = msgpack.unpackb(content)
        return cls(
            {date.fromordinal(day): count for day, count in days},
            {
                name: {label: [int.from_bytes(bits, "little") for bits in columns] for label, columns in found.items()}
                for name, found in labels.items()
            },
            {name: (int.from_bytes(having, "little"), values) for name, (having, values) in numbers.items()},
        )

    def encode(self) -> bytes:
        """Return all that is held, as bytes."""
        labels = {
            name: {label: list(map(_bytes, columns)) for label, columns in found.items()}
            for name, found in self._labels.items()
        }
        numbers = {name: (_bytes(having), values) for name, (having, values) in self._numbers.items()}
        packed: bytes = msgpack.packb(([(day.toordinal(), count) for day, count in self.days.items()], labels, numbers))
        return packed

    @property
    def count(self) -> int:
        """Return how many cases there are."""
        return sum(self.days.values())

    def put(self, day: date, cases: Sequence[PackedCase]) -> None:
        """Hold `cases` as those of `day`, in place of what was held of it."""
        gone, come = self.days.pop(day, 0), len(cases)
        at = sum(count for other, count in self.days.items() if other < day)
        if come:
            self.days = dict(sorted({**self.days, day: come}.items()))
        labels, numbers = _columns(cases)
        self._labels = {
            name: {
                label: spliced
                for label in sorted(self._labels.get(name, {}).keys() | labels.get(name, {}).keys())
                if (spliced := _joined(self._labels.get(name, {}).get(label, []), labels.get(name, {}).get(label, []),
                                       at, gone, come))
            }
            for name in sorted(self._labels.keys() | labels.keys())
        }  # fmt: skip
        for name in self._numbers.keys() | numbers.keys():
            having, values = self._numbers.get(name, (0, []))
            new, new_values = numbers.get(name, (0, []))
            first, last = (_below(having, place).bit_count() for place in (at, at + gone))
            self._numbers[name] = (
                _spliced(having, new, at, gone, come),
                [*values[:first], *new_values, *values[last:]],
            )
        self._numbers = dict(sorted(self._numbers.items()))  # the same cases are the same bytes

    def chosen(self, days: Collection[date], going_with: Iterable[tuple[str, str]] = ()) -> "Chosen":
        """Return the cases of `days` that go with each of these labels, given by name and label."""
        found, at = 0, 0
        for day, count in self.days.items():
            if day in days:
                found |= _all(count) << at
            at += count
        for name, label in going_with:
            found &= reduce(or_, self._labels.get(name, {}).get(label, []), 0)
        return Chosen(self._labels, self._numbers, self.count, found)


@dataclass(slots=True)
class Chosen:
    """Some of the cases of a `Packed`."""

    _labels: Mapping[str, Mapping[str, Sequence[int]]]
    _numbers: Mapping[str, tuple[int, list[float]]]
    _whole: int
    _cases: int
    _flags: bytes | None = None

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return self._cases != 0

    def sums(self, names: Iterable[str]) -> Iterator[tuple[str, str, int, int]]:
        """Yield each label of `names` that some of the cases go with: name, label, how many cases, how often in all."""
        for name in names:
            for label, columns in self._labels.get(name, {}).items():
                if len(columns) == 1:  # as of most
                    count = total = (columns[0] & self._cases).bit_count()
                else:
                    found = [bits & self._cases for bits in columns]
                    count = reduce(or_, found).bit_count()
                    total = sum(bits.bit_count() << power for power, bits in enumerate(found))
                if count:
                    yield name, label, count, total

    def numbers(self, name: str, *going_with: tuple[str, str]) -> list[float]:
        """Return the numbers of the cases that have one, or of those that go with these labels too, in their order."""
        having, values = self._numbers.get(name, (0, []))
        wanted, flags = self._cases, self._flags
        for kind, label in going_with:
            wanted, flags = wanted & reduce(or_, self._labels.get(kind, {}).get(label, []), 0), None
        if having & wanted == having:
            return values
        if flags is None:
            flags = _as_flags(wanted, self._whole)
            if not going_with:
                self._flags = flags
        everybody = having == _all(self._whole)
        return list(compress(values, flags if everybody else compress(flags, _as_flags(having, self._whole))))


def _columns(
    cases: Sequence[PackedCase],
) -> tuple[dict[str, dict[str, list[int]]], dict[str, tuple[int, list[float]]]]:
    labels: dict[str, dict[str, list[int]]] = {}
    numbers: dict[str, tuple[int, list[float]]] = {}
    for place, case in enumerate(cases):
        for (name, label), often in case.labels.items():
            columns = labels.setdefault(name, {}).setdefault(label, [])
            columns += [0] * (often.bit_length() - len(columns))
            for power in range(often.bit_length()):
                columns[power] |= ((often >> power) & 1) << place
        for name, value in case.numbers.items():
            having, values = numbers.get(name, (0, []))
            values.append(value)
            numbers[name] = (having | (1 << place), values)
    return labels, numbers


def _joined(old: Sequence[int], new: Sequence[int], at: int, gone: int, come: int) -> list[int]:
    """Return columns with some places exchanged, without those that hold nothing at their end."""
    most = max(len(old), len(new))
    pairs = zip([*old, *[0] * (most - len(old))], [*new, *[0] * (most - len(new))], strict=True)
    found = [_spliced(mine, theirs, at, gone, come) for mine, theirs in pairs]
    while found and not found[-1]:
        found.pop()
    return found


def _spliced(bits: int, new: int, at: int, gone: int, come: int) -> int:
    return _below(bits, at) | (new << at) | (bits >> (at + gone) << (at + come))


def _below(bits: int, place: int) -> int:
    return bits & _all(place)


def _all(count: int) -> int:
    return (1 << count) - 1


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _as_flags(bits: int, count: int) -> bytes:
    """Return a byte for each case, 1 or 0, the first case first."""
    return f"{bits:0{count}b}"[::-1].encode().translate(_TO_FLAGS)
