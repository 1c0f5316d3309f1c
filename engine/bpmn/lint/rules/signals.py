"""Owns the rules about signals: every event names one, and its name is fixed."""

from collections.abc import Iterator

from engine import feel
from engine.bpmn.lint.rule import Issue, Rule, in_words
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import signal_place
from engine.bpmn.model.xml import children_of


def signal_missing(scope: Scope) -> Iterator[Issue]:
    """Find events that throw or wait for a signal without saying which (BPMN 2.0.2, 10.5.5)."""
    for node in scope.nodes:
        place = signal_place(node)
        if place is not None and not place.get("signalRef"):
            yield Issue(
                node, f"The {in_words(node)} does not say which signal.", "Choose or create a signal in the modeler."
            )


def signal_name(scope: Scope) -> Iterator[Issue]:
    """Find signals without a name, or with one that is an expression: throwers and catchers meet by fixed names."""
    for signal in children_of(scope.document.root, "signal"):
        name = (signal.get("name") or "").strip()
        if not name:
            yield Issue(signal, "The signal has no name, so nobody who waits for it could be found.", "Give it a name.")
        elif feel.is_expression(name):
            yield Issue(
                signal,
                f"The signal's name {name[:80]!r} is an expression.",
                "Use a fixed name; what differs goes into the property payload.",
            )


RULES = (
    Rule("signal-missing", signal_missing),
    Rule("signal-name", signal_name),
)
