"""Owns the rules about registers on data stores and about `camunda:property` names."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine import feel
from engine.bpmn.lint.expressions import REGISTER_SETTINGS
from engine.bpmn.lint.rule import Issue, Rule, in_words, with_article
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.camunda_names import PROPERTIES
from engine.bpmn.model.document import GATEWAYS, kind_in_list, store_register
from engine.bpmn.model.extensions import property_elements
from engine.bpmn.model.xml import BPMN, Element, bpmn, line_of, name_of

_NEITHER = ("read", "write")
_REFUSED = {
    "startEvent": ("read",),
    "intermediateCatchEvent": ("read",),
    "boundaryEvent": ("read",),
    "endEvent": ("write",),
    "intermediateThrowEvent": ("write",),
}


def unknown_register(scope: Scope) -> Iterator[Issue]:
    """Find data stores that stand for no register."""
    used = {use.store for node in scope.nodes for use in scope.document.associations(node)}
    used |= {store for process in scope.processes for store in process.iter(bpmn("dataStoreReference"))}
    for store in sorted(used, key=lambda element: line_of(element) or 0):
        name = store_register(store)
        if not name or scope.catalog.register(name) is None:
            yield Issue(
                store,
                f"There is no register {name!r}." if name else "The data store does not say which register it is.",
                "Set the extension property register to a register's key, or name the store after the register.",
            )


def misplaced_association(scope: Scope) -> Iterator[Issue]:
    """Find data associations in a direction in which the element has nothing to do with a record."""
    for node in scope.nodes:
        kind = name_of(node)
        for use in scope.document.associations(node):
            refused = _NEITHER if kind in GATEWAYS else _REFUSED.get(kind, ())
            if use.direction in refused:
                yield Issue(
                    use.element,
                    f"A {kind} does not {use.direction} records.",
                    "Draw the arrow to or from the activity next to it.",
                )


def _writes(scope: Scope, node: Element) -> set[str]:
    """Return the keys of the registers that a node writes; a register that is unknown counts by its name."""
    found = set()
    for use in scope.document.associations(node):
        if use.direction == "write":
            register = scope.catalog.register(use.register)
            found.add(use.register if register is None else register.key)
    return found


def _settings(node: Element) -> Iterator[tuple[str, str, str, Element]]:
    for name, value, entry in property_elements(node):
        register, dot, setting = name.rpartition(".")
        if dot:
            yield register, setting, value, entry


def register_property(scope: Scope) -> Iterator[Issue]:
    """Find `REGISTER.setting` properties on elements that do not write this register, and unknown settings."""
    for node in scope.nodes:
        written = _writes(scope, node)
        for register, setting, value, entry in _settings(node):
            if setting not in REGISTER_SETTINGS:
                close = get_close_matches(setting, REGISTER_SETTINGS, n=1)
                yield Issue(
                    entry,
                    f"{register}.{setting} sets nothing: there is no setting {setting[:40]!r}.",
                    f"Did you mean {register}.{close[0]}?" if close else f"Use one of {', '.join(REGISTER_SETTINGS)}.",
                )
            elif register not in written:
                yield Issue(
                    entry,
                    f"The property {register}.{setting} has no effect, because this {in_words(node)} writes "
                    + (f"only {', '.join(sorted(written))}." if written else "no register."),
                    "Draw an arrow from here to the data store, or correct the register's key.",
                )
            elif setting == "new" and value not in ("true", "false"):
                yield Issue(entry, f"{register}.new is {value[:40]!r}.", "Write true or false.")


def unknown_status(scope: Scope) -> Iterator[Issue]:
    """Find statuses that a register does not have."""
    for node in scope.nodes:
        for register, setting, value, entry in _settings(node):
            facts = scope.catalog.register(register) if setting == "status" else None
            if facts is not None and facts.statuses and not feel.is_expression(value) and value not in facts.statuses:
                yield Issue(
                    entry,
                    f"The register {facts.key!r} has no status {value[:80]!r}.",
                    f"Use one of: {', '.join(facts.statuses)}.",
                )


def unknown_property(scope: Scope) -> Iterator[Issue]:
    """Find `camunda:property` names that are not read on their element: notes of the author, or misspelt."""
    for process in scope.processes:
        for element in process.iter(f"{{{BPMN}}}*"):
            known = _readable(element)
            for name, _, entry in property_elements(element):
                if name not in known and "." not in name:
                    close = get_close_matches(name, known, n=1)
                    yield Issue(
                        entry,
                        f"The property {name[:80]!r} is not read on {with_article(element)}.",
                        f"Did you mean {close[0]!r}?" if close else "Remove it, unless it is a note of your own.",
                    )


def _readable(element: Element) -> frozenset[str]:
    kind, definition = kind_in_list(element)
    return PROPERTIES.get(name_of(element), frozenset()) | PROPERTIES.get(f"{kind}/{definition}", frozenset())


RULES = (
    Rule("unknown-register", unknown_register),
    Rule("misplaced-association", misplaced_association),
    Rule("register-property", register_property),
    Rule("unknown-status", unknown_status),
    Rule("unknown-property", unknown_property, "warning"),
)
