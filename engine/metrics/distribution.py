"""Distributions of numbers in buckets 4 % wide, and percentiles of them; where the numbers come from is not known.

A bucket is a whole number; buckets sort as their values do. Zero has a bucket of its own, negative values mirror the
positive ones. A percentile is the smallest value that at least this share of all values does not exceed (nearest
rank), so that the one from buckets lies within 2 % of the exact one.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

WIDTH: Final = 1.04
"""What the upper end of a bucket is to its lower end."""

_LEAST: Final = 1e-12
"""Values nearer to zero share the first bucket beside it."""

_MOST: Final = 1e300
"""Values farther from zero share the last bucket."""

_LOG: Final = math.log(WIDTH)
_FIRST: Final = math.floor(math.log(_LEAST) / _LOG) - 1


def bucket(value: float) -> int:
    """Return the bucket of `value`; raise `ValueError` for what is not a number."""
    if math.isnan(value):
        raise ValueError("not a number")
    if value == 0:
        return 0
    size = min(max(abs(value), _LEAST), _MOST)
    found = math.floor(math.log(size) / _LOG) - _FIRST
    return found if value > 0 else -found


def middle(bucket: int) -> float:
    """Return the value that stands for all of `bucket`: its geometric middle, at most 2 % from any of them."""
    if bucket == 0:
        return 0.0
    size = math.exp((abs(bucket) + _FIRST + 0.5) * _LOG)
    return size if bucket > 0 else -size


def percentile(counts: Mapping[int, int], q: float) -> float | None:
    """Return the `q`-th (0 to 1) percentile of the values that `counts` holds by bucket; None when it holds none."""
    wanted = _rank(sum(counts.values()), q)
    for each in sorted(counts):
        wanted -= counts[each]
        if wanted <= 0 < counts[each]:
            return middle(each)
    return None


def exact_percentile(values: Sequence[float], q: float) -> float | None:
    """Return the `q`-th (0 to 1) percentile of `values`, which are in ascending order; None when there are none."""
    return values[_rank(len(values), q) - 1] if values else None


def _rank(count: int, q: float) -> int:
    if not 0 <= q <= 1:
        raise ValueError(f"the share {q} is not between 0 and 1")
    return max(1, math.ceil(q * count - 1e-9))  # 0.95 * 20 is a little more than 19 to a computer
