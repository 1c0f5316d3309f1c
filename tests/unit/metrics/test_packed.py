"""Packed cases: what is counted of them is what a walk through the cases counts, whatever was put in and replaced."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.packed import Packed, PackedCase, pack_case
from engine.metrics.sums import TIMES, Sums
from tests.unit.metrics.test_sums import Case

FIRST = date(2026, 3, 1)
LABELS = st.tuples(st.sampled_from(["group", "interface"]), st.sampled_from(["a", "b", "ü"]))
CASES = st.builds(
    PackedCase,
    st.dictionaries(LABELS, st.integers(1, 300), max_size=4),
    st.dictionaries(st.sampled_from(["cycle", "effort"]), st.floats(allow_nan=False), max_size=2),
)
DAYS = st.integers(0, 6).map(lambda number: FIRST + timedelta(days=number))


@given(
    puts=st.lists(st.tuples(DAYS, st.lists(CASES, max_size=4)), max_size=10),
    wanted=st.sets(DAYS),
    going_with=st.lists(LABELS, max_size=2),
    narrower=LABELS,
)
def test_it_counts_what_a_walk_through_the_cases_counts(
    puts: list[tuple[date, list[PackedCase]]],
    wanted: set[date],
    going_with: list[tuple[str, str]],
    narrower: tuple[str, str],
) -> None:
    packed, held = Packed(), dict[date, list[PackedCase]]()
    for day, cases in puts:
        packed.put(day, cases)
        packed = Packed.decode(packed.encode())
        held[day] = cases
    assert packed.days == {day: len(held[day]) for day in sorted(held) if held[day]}
    assert packed.count == sum(map(len, held.values()))
    meant = [case for day in sorted(held) if day in wanted for case in held[day] if _goes_with(case, going_with)]
    chosen = packed.chosen(wanted, going_with)
    assert bool(chosen) == bool(meant)
    sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for case in meant:
        for label, often in case.labels.items():
            sums[label] = (sums[label][0] + 1, sums[label][1] + often)
    found = {(name, label): (count, total) for name, label, count, total in chosen.sums(("group", "interface"))}
    assert found == sums
    assert list(chosen.sums(("nothing",))) == []
    for name in ("cycle", "effort", "nothing"):
        assert chosen.numbers(name) == [case.numbers[name] for case in meant if name in case.numbers]
        assert chosen.numbers(name, narrower) == [
            case.numbers[name] for case in meant if name in case.numbers and _goes_with(case, [narrower])
        ]


def _goes_with(case: PackedCase, labels: list[tuple[str, str]]) -> bool:
    return all(label in case.labels for label in labels)


@given(
    cases=st.lists(
        st.builds(
            Case,
            st.sampled_from(["completed", "cancelled", "withdrawn"]),
            st.sampled_from(["Agreed", None]),
            st.integers(0, 100),
            effort_minutes=st.none() | st.integers(0, 600),
            hand_overs=st.integers(0, 9),
            failures=st.integers(0, 1),
            first_time_right=st.booleans(),
            feedback=st.none() | st.integers(1, 5),
        ),
        max_size=9,
    )
)
def test_it_counts_what_sums_count(cases: list[Case]) -> None:
    packed, sums = Packed(), Sums()
    packed.put(FIRST, [pack_case(case, 2, "acme", {("group", "g"): 3}, {"cost": 1.5}) for case in cases])
    for case in cases:
        sums.add_case(case)
        sums.add_label("group", "g", 1, 3)
    chosen = packed.chosen({FIRST})
    names = {name for name, _ in sums.as_mapping()} - {*TIMES, "priority_cycle", "effort"}
    counted = {(name, label): count for name, label, count, _ in chosen.sums(names)}
    assert counted == {(name, label): count for (name, label), (count, _) in sums.as_mapping().items() if name in names}
    totals = {name: total for name, label, _, total in chosen.sums(("hand_overs", "failures", "group"))}
    assert totals == {name: sums.as_mapping()[name, label][1] for name, label in sums.as_mapping() if name in totals}
    efforts = chosen.numbers("effort")
    assert (len(efforts), sum(efforts)) == sums.as_mapping().get(("effort", ""), (0, 0))
    assert chosen.numbers("cycle") == [case.cycle_seconds for case in cases]
    assert sorted(chosen.numbers("own:cost")) == [1.5] * len(cases)
    versions = [(label, count) for _, label, count, _ in chosen.sums(("version", "organisation"))]
    assert versions == ([("2", len(cases)), ("acme", len(cases))] if cases else [])


def test_the_same_cases_are_packed_the_same_whatever_came_before() -> None:
    one, other = Packed(), Packed()
    cases = [PackedCase({("group", name): 3 for name in "cab"}, {"cycle": 1.0, "effort": 2, "idle": 3.0})]
    other.put(FIRST, [*cases, *cases])
    for day in (FIRST + timedelta(days=1), FIRST):
        one.put(FIRST + timedelta(days=1), cases)
        other.put(day, cases)
    one.put(FIRST, cases)
    assert one.encode() == other.encode()


def test_a_month_takes_the_room_of_its_numbers() -> None:
    """Some ten bytes for each number, a bit for each label that some case goes with."""
    packed = Packed()
    labels = {("person", f"person{number}"): 1 for number in range(40)}
    for number in range(30):
        packed.put(FIRST + timedelta(days=number), [pack_case(Case(), 1, "acme", labels, {})] * 40)
    assert packed.count == 1_200
    assert len(packed.encode()) < 1_200 * (4 * 9 + 45 / 8) + 2_000
