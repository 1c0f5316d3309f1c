"""Owns what the BPMN code asks about names outside a model (forms, registers, ...); it stores nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.forms_protocol import FormRead
from engine.operations import Operation

if TYPE_CHECKING:
    from engine.bpmn.model.facts import ProcessFacts


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """A register as models see it.

    `variable` is the name of its reference in case data, `fields` are the names in a record's body (those of the
    register's form), `singleton` says that there is one record only, `statuses` lists those allowed (empty: any).
    """

    key: str
    variable: str
    fields: tuple[str, ...] = ()
    singleton: bool = False
    statuses: tuple[str, ...] = ()
    name: str = ""


class Catalog(Protocol):
    """What exists beside the models under check; names that the same upload defines count as existing."""

    def form_exists(self, key: str) -> bool:
        """Say whether there is a form with this key."""
        ...

    def form_fields(self, key: str) -> Collection[str] | None:
        """Return the names that the form sets in case data (the root of each path), None when there is no such form."""
        ...

    def form_file(self, key: str) -> str | None:
        """Return the name of the file in the upload that holds this form; None for one that is only deployed."""
        ...

    def form_reads(self, key: str) -> Collection[FormRead]:
        """Return what the FEEL of the form reads beside its own fields, nothing when there is no such form."""
        ...

    def decision_exists(self, key: str) -> bool:
        """Say whether there is a decision with this key."""
        ...

    def decision_inputs(self, key: str) -> Collection[Collection[str]] | None:
        """Return what a decision, and what it requires, reads from case data: for each the names it may go by.

        None when that cannot be known.
        """
        ...

    def process_exists(self, key: str) -> bool:
        """Say whether there is a process definition with this key."""
        ...

    def deployed_processes(self) -> "Collection[ProcessFacts]":
        """Return what the newest version of each deployed process says of itself."""
        ...

    def begun_with(self, key: str) -> Collection[str]:
        """Return the variables with which the product itself begins cases of this process, none if it begins none."""
        ...

    def register(self, key_or_name: str) -> RegisterFacts | None:
        """Return the register with this key, else the one with this name, else None."""
        ...

    def operation(self, name: str) -> Operation | None:
        """Return the operation of this name, or None."""
        ...

    def group_exists(self, key: str) -> bool:
        """Say whether there is a group or role with this key."""
        ...
