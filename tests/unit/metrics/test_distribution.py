"""Distributions: a bucket is narrow, buckets sort like values, and percentiles of them are near the exact ones."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.metrics.distribution import WIDTH, bucket, exact_percentile, middle, percentile

VALUES = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-9)
SHARES = st.floats(0, 1)


@given(VALUES)
@example(1.0)
@example(1.04)
@example(0.04)
def test_the_middle_is_within_two_per_cent(value: float) -> None:
    assert middle(bucket(value)) == pytest.approx(value, rel=0.0201)


@given(VALUES, VALUES)
def test_buckets_sort_like_values(one: float, other: float) -> None:
    assert bucket(min(one, other)) <= bucket(max(one, other))


@given(st.floats(1e-9, 1e9))
def test_a_bucket_is_four_per_cent_wide(value: float) -> None:
    assert bucket(value * 1.045) > bucket(value) > bucket(value / 1.045)
    assert bucket(value * WIDTH) - bucket(value) in (1, 2)  # 2 where rounding meets a boundary


def test_boundaries() -> None:
    assert bucket(0) == 0
    assert middle(0) == 0.0
    assert bucket(5e-324) == 1
    assert bucket(-5e-324) == -1
    assert bucket(1e308) == bucket(1e300)
    assert middle(bucket(1e308)) < float("inf")
    with pytest.raises(ValueError, match="not a number"):
        bucket(float("nan"))


@given(st.lists(VALUES, min_size=1), SHARES)
def test_a_percentile_is_near_the_exact_one(values: list[float], share: float) -> None:
    found = percentile(Counter(map(bucket, values)), share)
    assert found is not None
    assert found == pytest.approx(exact_percentile(sorted(values), share), rel=0.05)


@given(st.lists(VALUES, min_size=1), SHARES)
def test_the_exact_percentile_is_the_least_value_that_suffices(values: list[float], share: float) -> None:
    found = exact_percentile(sorted(values), share)
    assert found in values
    not_above = sum(value <= found for value in values) / len(values)
    below = sum(value < found for value in values) / len(values)
    assert not_above >= share - 1e-6
    assert below < share or share == 0 or below <= share - 1 / len(values) + 1e-6


def test_percentiles_of_known_values() -> None:
    twenty = [float(value) for value in range(1, 21)]
    assert [exact_percentile(twenty, share) for share in (0, 0.5, 0.85, 0.95, 1)] == [1, 10, 17, 19, 20]
    assert exact_percentile([], 0.5) is None
    assert percentile({}, 0.5) is None
    assert percentile({0: 3, bucket(100): 1}, 0.75) == 0
    for share in (-0.1, 1.1, 50):
        with pytest.raises(ValueError, match="not between 0 and 1"):
            percentile({0: 1}, share)
