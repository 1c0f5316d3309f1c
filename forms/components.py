"""Owns the parts of a form as plain values, after all checks; it knows neither JSON, nor input, nor HTML."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.forms_protocol import MeasureOptions, Option
from forms.expressions import Comparison, Formula, Template
from forms.patterns import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Anything that stands in a form. `hide` decides over the current values whether it is left out.

    `number` counts the components of the form from 1, so that no two parts of it are equal. `element` is the name by
    which findings call the component (its id, key or path), `line` where it stands in the file, from 1.
    """

    type: str
    number: int
    element: str | None = None
    line: int | None = None
    hide: Formula | None = None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Display(Part):
    """A part that shows something and holds no value: text, image, separator or spacer."""

    text: Template | None = None
    source: str = ""
    alternative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Part):
    """A part that holds one value. A read-only or disabled one shows data and takes no input.

    The value of a disabled field is left out of the result too.
    """

    key: str
    label: str
    hint: str = ""
    required: bool = False
    readonly: bool | Formula = False
    disabled: bool = False
    prefill: bool = True
    """whether a value that the case holds already is shown as the answer to begin with"""
    default: str | int | float | bool | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures of a managed process, or their statistics; FEEL gives the process's key where forms are shared."""

    process: str | Formula
    what: MeasureOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What makes a text a target: the field of the same row that names the statistic, and that field's process."""

    statistic: str
    process: str | Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Field):
    """A text in one line (`textfield`) or several (`textarea`). Lengths count characters.

    With a `register` it names a record of it; with `statuses` too, one that has one of them. With a `target` it is a
    target for the statistic that another field of its row names. `similar` is the register whose records may be about
    the same as what is typed: who hands the form in is shown them.
    """

    multiline: bool = False
    min_length: int | Formula | None = None
    max_length: int | Formula | None = None
    cap: int
    pattern: Pattern | None = None
    pattern_message: str = ""
    content: Literal["email", "phone"] | None = None
    register: str | None = None
    statuses: tuple[str, ...] = ()
    target: Target | None = None
    similar: str | None = None
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(Field):
    """A number with at most `decimals` digits after the point; `as_text` keeps it as a text without loss."""

    minimum: Decimal | Formula | None = None
    maximum: Decimal | Formula | None = None
    decimals: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckboxField(Field):
    """Yes or no; `required` means that it must be ticked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(Field):
    """One of some options (`radio`, `select`) or several of them (`checklist`, `taglist`).

    One of `options`, `values_key` (a list in the data), `values` (a FEEL list), `register` and `measures` gives the
    options.
    With `statuses`, only records of the register that have one of them are options.
    """

    multiple: bool = False
    options: tuple[Option, ...] = ()
    values_key: str | None = None
    values: Formula | None = None
    register: str | None = None
    statuses: tuple[str, ...] = ()
    measures: Measures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTimeField(Field):
    """A date, a time or both as ISO 8601 text. `utc` values carry `Z`; the others are local and carry no offset."""

    subtype: Literal["date", "time", "datetime"] = "date"
    not_past: bool = False
    utc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed(Part):
    """A value that the server computes from the others; what is handed in for it is never used."""

    key: str
    label: str
    formula: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Part):
    """Parts under one heading; with a `path` their values are nested under that name."""

    label: str
    path: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowList(Part):
    """A list of rows with the same parts. `rows` is how many empty ones are offered first."""

    label: str
    path: str
    parts: tuple[Part, ...]
    rows: int = 1
    growing: bool = True
