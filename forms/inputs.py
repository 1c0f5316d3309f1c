"""Owns the marshmallow fields: each turns what was handed in for one field into its value, or says what to enter.

They check types and fixed limits only. What depends on other values, on records or on the clock is checked in `rules`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from math import floor
from typing import Any, Final

from marshmallow import ValidationError, fields

from engine.types import Json
from engine.types.counting import counted
from forms.characters import clean_lines, first_forbidden
from forms.components import CheckboxField, ChoiceField, DateTimeField, NumberField, TextField
from forms.moments import read_moment
from forms.numbers import places, plain

MOST_CHOSEN: Final = 500
_LONGEST_VALUE: Final = 1_000
_GREATEST: Final = 9_007_199_254_740_991
_MOST_PLACES: Final = 30
_MOST_DIGITS: Final = 15
_LONGEST_NUMBER: Final = 60
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9\-]{0,62})*"
)
_PHONE = re.compile(r"(?:\+|00)[1-9][0-9]{6,14}")
_TICKED: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "on", "yes", "1"), True),
    **dict.fromkeys(("false", "off", "no", "0", ""), False),
}


class Input(fields.Field[Any]):
    """A field that nothing but its own value decides over."""

    def _deserialize(
        self,
        value: Json,
        attr: str | None,  # noqa: ARG002 - marshmallow's own signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Json:
        return self._cleaned(value)

    def _cleaned(self, value: Json) -> Json:
        """Return the stored value for what was handed in, None for no answer; raise marshmallow's ValidationError."""
        raise NotImplementedError


class TextInput(Input):
    """The value of a textfield or textarea; a text of white space only counts as none."""

    def __init__(self, part: TextField) -> None:
        super().__init__(allow_none=True)
        self.part = part

    def _cleaned(self, value: Json) -> str | None:
        part = self.part
        if not isinstance(value, str):
            raise ValidationError("Enter text.")
        text = clean_lines(value)
        if not text.strip():
            return None
        if not part.multiline and "\n" in text:
            raise ValidationError("Enter the text in one line.")
        if (place := first_forbidden(text)) is not None:
            raise ValidationError(f"Remove the control character U+{ord(text[place]):04X} at character {place + 1}.")
        if len(text) > part.cap:
            raise ValidationError(f"Enter at most {counted(part.cap, 'character')}; there are {len(text):,}.")
        if isinstance(part.min_length, int) and len(text.strip()) < part.min_length:
            raise ValidationError(f"Enter at least {counted(part.min_length, 'character')}.")
        if part.content == "email" and not _EMAIL.fullmatch(text.strip()):
            raise ValidationError("Enter an e-mail address, such as name@example.org.")
        if part.content == "phone" and not _PHONE.fullmatch(re.sub(r"[ ()/.\-]", "", text)):
            raise ValidationError("Enter a phone number with its country code, such as +44 20 7946 0018.")
        if part.pattern is not None and not part.pattern.found_in(text):
            raise ValidationError(part.pattern_message or "Enter it in the form that is asked for.")
        return text


class NumberInput(Input):
    """The value of a number field: an int, a float, or a text without loss where the form asks for one."""

    def __init__(self, part: NumberField) -> None:
        super().__init__(allow_none=True)
        self.part = part
        self.asked = "Enter a whole number, such as 3." if part.decimals == 0 else "Enter a number, such as 3 or 2.5."

    def _cleaned(self, value: Json) -> int | float | str | None:
        if isinstance(value, str) and not value.strip():
            return None
        number = self._number(value)
        part = self.part
        digits = places(number)
        if part.decimals is not None and digits > part.decimals:
            raise ValidationError(
                self.asked if part.decimals == 0 else f"Enter at most {part.decimals} digits after the point."
            )
        if isinstance(part.minimum, Decimal) and number < part.minimum:
            raise ValidationError(f"Enter {plain(part.minimum)} or more.")
        if isinstance(part.maximum, Decimal) and number > part.maximum:
            raise ValidationError(f"Enter {plain(part.maximum)} or less.")
        if part.increment is not None:
            _check_multiple(number, part.increment)
        if part.as_text:
            return plain(number)
        return int(number) if number == number.to_integral_value() else float(number)

    def _number(self, value: Json) -> Decimal:
        if isinstance(value, str):
            text = value.strip()
            if "," in text:
                raise ValidationError(
                    "Enter the number without a comma, with a point before decimals, such as 2500.75."
                )
            if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
                raise ValidationError(self.asked)
            digits = text.lstrip("+-").replace(".", "").strip("0")
            if len(digits) > _MOST_DIGITS and not self.part.as_text:
                raise ValidationError(f"Enter a number with at most {_MOST_DIGITS} digits.")
            number = Decimal(text)
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _GREATEST:
            number = Decimal(str(value))
        else:
            raise ValidationError(self.asked)
        if abs(number) > _GREATEST:
            raise ValidationError("Enter a smaller number.")
        if places(number) > _MOST_PLACES:
            raise ValidationError(f"Enter at most {_MOST_PLACES} digits after the point.")
        return number


class CheckboxInput(Input):
    """The value of a checkbox."""

    def __init__(self, part: CheckboxField) -> None:
        super().__init__(allow_none=True)
        self.part = part

    def _cleaned(self, value: Json) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and (ticked := _TICKED.get(value.strip().lower())) is not None:
            return ticked
        raise ValidationError("Answer yes or no.")


class ChoiceInput(Input):
    """The value or values of a choice; whether they are among the options is a rule, as options may depend on data."""

    def __init__(self, part: ChoiceField) -> None:
        super().__init__(allow_none=True)
        self.part = part

    def _cleaned(self, value: Json) -> str | list[str] | None:
        if not self.part.multiple:
            if not _is_choice(value):
                raise ValidationError("Choose one of the options.")
            return value or None
        chosen = [value] if isinstance(value, str) and value else value or []
        if not isinstance(chosen, list) or len(chosen) > MOST_CHOSEN or not all(_is_choice(item) for item in chosen):
            raise ValidationError("Choose from the options.")
        return list(dict.fromkeys(item for item in chosen if item))


class DateTimeInput(Input):
    """The value of a date, time or date and time field."""

    def __init__(self, part: DateTimeField) -> None:
        super().__init__(allow_none=True)
        self.part = part

    def _cleaned(self, value: Json) -> str | None:
        text = value if isinstance(value, str) else "?"
        if not text.strip():
            return None
        try:
            return read_moment(text, self.part.subtype, utc=self.part.utc)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Ignored(Input):
    """The place of a value that is never taken from the input: a computed one, or one that only shows data."""

    def __init__(self) -> None:
        super().__init__(allow_none=True)

    def _cleaned(self, value: Json) -> None:  # noqa: ARG002 - whatever it is
        return None


def _check_multiple(number: Decimal, increment: Decimal) -> None:
    steps = Fraction(number) / Fraction(increment)
    if steps.denominator != 1:
        with localcontext(prec=80):
            lower, upper = floor(steps) * increment, (floor(steps) + 1) * increment
        raise ValidationError(
            f"Enter a multiple of {plain(increment)}; the nearest are {plain(lower)} and {plain(upper)}."
        )


def _is_choice(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_VALUE and first_forbidden(value) is None
