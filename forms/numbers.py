"""Owns how decimal numbers are written out and measured; it knows no fields."""

from decimal import Decimal


def plain(number: Decimal) -> str:
    """Return `number` in digits, without exponent and without zeros that say nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def places(number: Decimal) -> int:
    """Return how many digits `number` has after the point."""
    return len(plain(number).partition(".")[2])
