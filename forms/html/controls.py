"""Owns what the templates are given: one plain value for each part of a form that is shown; it makes no HTML itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Anything shown. `kind` names the macro; `conditions` are the data attributes that a script may follow."""

    kind: str
    hidden: bool = False
    conditions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice, with the id of its input."""

    id: str
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Shown):
    """One field: `id` is where the error summary links to, `attributes` go on the input as they are."""

    id: str
    name: str
    label: str
    hint: str = ""
    optional: bool = False
    errors: Sequence[str] = ()
    value: str = ""
    prefix: str = ""
    suffix: str = ""
    choices: Sequence[Choice] = ()
    attributes: dict[str, str | None] = field(default_factory=dict)
    similar: bool = False
    """a place stands below it for records that may be about the same"""

    @property
    def described_by(self) -> str | None:
        """Return the ids of the hint, the error and the affixes, as far as there are any."""
        parts = [("hint", self.hint), ("error", self.errors), ("prefix", self.prefix), ("suffix", self.suffix)]
        return " ".join(f"{self.id}-{name}" for name, there in parts if there) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked(Shown):
    """A field that shows data and takes no input."""

    id: str
    label: str
    value: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Shown):
    """Text, an image, a separator or a spacer."""

    html: Markup = field(default_factory=Markup)
    source: str = ""
    alternative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Shown):
    """A group: a fieldset when it has a label."""

    label: str
    children: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list; `name` is what its remove button hands in."""

    id: str
    name: str
    children: Sequence[Shown]
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsControl(Shown):
    """A list of rows with buttons to add and remove, which work without a script."""

    id: str
    name: str
    label: str
    rows: Sequence[Row]
    growing: bool
    errors: Sequence[str] = ()
