"""Owns the functions on single numbers (DMN 1.5, table 79), computed with 34 digits."""

import decimal
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from engine.feel.budget import Run
from engine.feel.builtins.registry import add, builtin
from engine.feel.values import NUMBERS, Months, NoValue, is_whole

_SMALLEST_SCALE, _LARGEST_SCALE = -6111, 6176
_ROUNDINGS = {
    "decimal": decimal.ROUND_HALF_EVEN,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
    "round up": decimal.ROUND_UP,
    "round down": decimal.ROUND_DOWN,
    "round half up": decimal.ROUND_HALF_UP,
    "round half down": decimal.ROUND_HALF_DOWN,
}


def _rounding(mode: str) -> Callable[[Run, Decimal, Decimal | None], Decimal]:
    def rounded(run: Run, number: Decimal, scale: Decimal | None) -> Decimal:
        if scale is not None and not _SMALLEST_SCALE <= scale <= _LARGEST_SCALE:
            raise NoValue(f"the scale lies between {_SMALLEST_SCALE} and {_LARGEST_SCALE}")
        places = 0 if scale is None else int(scale)
        digits = max(34, number.adjusted() + places + 2)
        run.charge(digits >> 4)
        return number.quantize(Decimal(1).scaleb(-places), context=decimal.Context(prec=digits, rounding=mode))

    return rounded


for _name, _mode in _ROUNDINGS.items():
    add(f"{_name}(n: number, scale: number{'?' if _name in ('floor', 'ceiling') else ''})", _rounding(_mode))


@builtin("abs(n: number)")
def absolute(run: Run, number: Decimal) -> Decimal:
    """Return the number without its sign."""
    return number.copy_abs()


@builtin("abs(n: duration)")
def absolute_duration(run: Run, length: timedelta | Months) -> timedelta | Months:
    """Return the duration without its sign."""
    return Months(abs(length.months)) if isinstance(length, Months) else abs(length)


@builtin("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return the remainder; it has the sign of the divisor."""
    if divisor == 0:
        raise NoValue("the divisor is zero")
    quotient = NUMBERS.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, quotient))


@builtin("sqrt(number: number)")
def square_root(run: Run, number: Decimal) -> Decimal:
    """Return the square root of a number that is not negative."""
    return NUMBERS.sqrt(number)


@builtin("log(number: number)")
def logarithm(run: Run, number: Decimal) -> Decimal:
    """Return the natural logarithm of a positive number."""
    if number <= 0:
        raise NoValue("the number is not positive")
    return NUMBERS.ln(number)


@builtin("exp(number: number)")
def exponential(run: Run, number: Decimal) -> Decimal:
    """Return e to the power of a number."""
    return NUMBERS.exp(number)


@builtin("odd(number: number)")
def odd(run: Run, number: Decimal) -> bool:
    """Say whether a whole number is odd."""
    return _last_bit(number) == 1


@builtin("even(number: number)")
def even(run: Run, number: Decimal) -> bool:
    """Say whether a whole number is even."""
    return _last_bit(number) == 0


def _last_bit(number: Decimal) -> int:
    if not is_whole(number):
        raise NoValue("the number is not whole")
    return 0 if number.adjusted() > 60 else int(number) % 2  # beyond 60 digits there are only trailing zeros
