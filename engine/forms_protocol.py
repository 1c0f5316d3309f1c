"""Owns what the engine asks of a form catalog and a source of options; it knows no form language, HTML or store.

The host hands a `FormCatalog` in, so that lint, start, completion, messages, imports and register writes check their
values with the same forms as the pages do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from engine.types import Finding, Json

MeasureOptions = Literal["statistics", "measures"]
"""What a field may name of a managed process: its measures, or their statistics, which targets are set for."""

Answers: TypeAlias = Mapping[str, Json] | Callable[[bytes | None], Mapping[str, Json]]
"""The values of a form, or what reads them when it is given the form (None: there is no form to fill in)."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a field may take, with the words that people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `key` is its place in the values (`contact.email` within a group that has a path).

    `type` is the form's own word for the kind of field (`textfield`, `number`, `dynamiclist`, ...). `register` names
    the register whose records are the options, and `statuses` those that they may have (any when there are none);
    `options` are those that the form itself lists. Without `prefill` an answer that the case holds from before is not
    offered again. A field that is `shown_only` (disabled) is never handed in. `process` is the managed process whose
    measures are the options (of a list: those of a field in its rows), where the form names one. `similar` is the
    register whose records may be about the same as what is typed.
    """

    key: str
    label: str
    type: str
    required: bool = False
    options: tuple[Option, ...] = ()
    register: str | None = None
    prefill: bool = True
    shown_only: bool = False
    statuses: tuple[str, ...] = ()
    process: str | None = None
    similar: str | None = None


@dataclass(frozen=True, slots=True)
class FormRead:
    """A place in a form reads `name` from the data of the case: the form itself has no such name there.

    `element` is the component (its id, key or path), `type` the form's word for its kind, `label` what people read,
    `line` where it stands in the file (from 1); `what` is the property that reads. `instead` is the name by which the
    form's own field is reached, where one within a group or list was probably meant.
    """

    name: str
    what: str
    type: str
    element: str | None = None
    label: str | None = None
    line: int | None = None
    instead: str | None = None


class OptionSource(Protocol):
    """What a field may name that stands outside its form and data: records as one actor may see them, measures."""

    def options(self, register: str, statuses: Sequence[str] = ()) -> Sequence[Option]:
        """Return the options of `register` in the order to show them; a large register is cut to fit a list.

        With `statuses`, only records that have one of them are options.
        """
        ...

    def label(self, register: str, value: str, statuses: Sequence[str] = ()) -> str | None:
        """Return the words for the record `value` of `register`, or None when there is none that the actor may see.

        With `statuses`, None also for a record that has none of them now.
        """
        ...

    def measures(self, process: str, what: MeasureOptions) -> Sequence[Option]:
        """Return the measures, or their statistics, of the managed process with the key `process`.

        An empty key means those that every process has; there are none for a process that is not there.
        """
        ...

    def target_mistake(self, process: str, statistic: str, text: str) -> str | None:
        """Return what is wrong with `text` as a target for a statistic of `process`, as a sentence, or None.

        A statistic that the process does not have is none of the text's mistakes.
        """
        ...


class FormCatalog(Protocol):
    """Checks form definitions, and values against them."""

    def check(self, content: bytes, file: str) -> tuple[str | None, list[Finding]]:
        """Return the key of the form in `content` (None when it cannot be read) and what is wrong with it."""
        ...

    def validate(
        self,
        content: bytes,
        values: Mapping[str, Json],
        *,
        now: datetime,
        context: Mapping[str, Json],
        options: OptionSource,
    ) -> dict[str, Json]:
        """Return the cleaned values, or raise `InputRefused` with one list of messages per field.

        `now` is an aware instant; `context` holds the data that conditions and read-only fields may look at.
        """
        ...

    def conform(self, content: bytes, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return `values` as their fields' types keep them; raise `InputRefused`: a wrong type, a limit, no such field.

        Nothing is missed that is missing, and neither conditions nor options of registers are looked at.
        """
        ...

    def fields(self, content: bytes) -> Sequence[FormField]:
        """Return the fields of the form in `content`, in their order on the page."""
        ...

    def reads(self, content: bytes) -> Sequence[FormRead]:
        """Return what the FEEL of the form in `content` is sure to read from data, in the order of the page."""
        ...
