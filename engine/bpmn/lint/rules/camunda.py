"""Owns the rules about Camunda's attributes and extension elements: run, without effect (said aloud), or refused."""

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain

from engine.bpmn.lint import vendor
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.camunda_names import BINDINGS, CARRIED, EXTENSIONS
from engine.bpmn.model.document import kind_in_list
from engine.bpmn.model.extensions import extension_elements, properties
from engine.bpmn.model.xml import BPMN, CAMUNDA, Element, camunda, name_of, namespace_of

_EVERYWHERE = CARRIED.get("*", frozenset())
_KNOWN = frozenset(chain.from_iterable(CARRIED.values()))
_MAPPING = frozenset(("source", "sourceExpression", "target", "variables"))
_CONSTANT = ("formRef", "formKey", "decisionRef", "resultVariable", "elementVariable")


def _elements(scope: Scope) -> Iterator[Element]:
    for process in scope.processes:
        yield from process.iter(f"{{{BPMN}}}*")


def _attributes(scope: Scope) -> Iterator[tuple[Element, str, str]]:
    for element in _elements(scope):
        for tag, value in element.items():
            if namespace_of(str(tag)) == CAMUNDA:
                yield element, str(tag).rpartition("}")[2], str(value)


def camunda_prefix(scope: Scope) -> Iterator[Issue]:
    """Find files that bind the prefix `camunda` to another address: the modeler opens them, but cannot save them."""
    for element in scope.document.root.iter():
        tags = (str(element.tag), *map(str, element.attrib))
        bound = element.nsmap.get("camunda") if element is scope.document.root else None
        if bound is None and any(namespace_of(tag) in vendor.CAMUNDA_LIKE for tag in tags):
            bound = next(namespace_of(tag) for tag in tags if namespace_of(tag) in vendor.CAMUNDA_LIKE)
        if bound is not None and bound != CAMUNDA:
            yield Issue(
                element,
                f"The prefix camunda stands for {bound!r}: nothing under it is read, and modelers cannot save it.",
                f'Write xmlns:camunda="{CAMUNDA}" in the first element.',
            )
            return


def unsupported_camunda_attribute(scope: Scope) -> Iterator[Issue]:
    """Find `camunda:` attributes that are not run on their element."""
    for element, name, value in _attributes(scope):
        kind = name_of(element)
        if name == "topic" and camunda("type") in element.attrib:
            continue  # said of the type
        if kind == "startEvent" and kind_in_list(element)[0] != kind:
            kind = "startEvent of an event sub-process"  # nobody fills in a form there
        carried = CARRIED.get(kind, frozenset())
        if name in carried | _EVERYWHERE or name in vendor.NO_EFFECT:
            continue
        refused = vendor.REFUSED_ON.get((kind, name), vendor.REFUSED.get(name))
        if refused is not None:
            why, remedy = vendor.TYPES.get(value, refused) if name == "type" else refused
        elif name in _KNOWN:
            places = ", ".join(sorted(place for place, names in CARRIED.items() if name in names))
            why, remedy = f"It has no effect on a {kind}.", f"Remove it; it belongs to: {places}."
        else:
            close = get_close_matches(name, CARRIED.get(kind, frozenset()) | _EVERYWHERE, n=1)
            why = "There is no such attribute."
            remedy = f"Did you mean camunda:{close[0]}?" if close else "Remove it."
        yield Issue(element, f"The attribute camunda:{name[:80]} of this {kind} is not run here. {why}", remedy)


def ignored_camunda(scope: Scope) -> Iterator[Issue]:
    """Find Camunda attributes and elements that change nothing here, so that nobody relies on them."""
    for element, name, _ in _attributes(scope):
        if name in vendor.NO_EFFECT and name not in CARRIED.get(name_of(element), frozenset()):
            yield Issue(
                element, f"camunda:{name} has no effect here. {vendor.NO_EFFECT[name]}", "Remove it if it matters."
            )
    for owner in _elements(scope):
        for part in extension_elements(owner):
            name = name_of(part)
            runs = name in EXTENSIONS.get(name_of(owner), frozenset())
            if namespace_of(str(part.tag)) == CAMUNDA and name in vendor.ELEMENTS_WITHOUT_EFFECT and not runs:
                why = vendor.ELEMENTS_WITHOUT_EFFECT[name]
                yield Issue(part, f"camunda:{name} has no effect here. {why}", "Remove it if it matters.")


def unsupported_extension(scope: Scope) -> Iterator[Issue]:
    """Find `camunda:` elements that are not run: listeners, connectors, form fields, parameters, ..."""
    for owner in _elements(scope):
        kind = name_of(owner)
        if kind == "extensionElements":
            continue
        if namespace_of(str(owner.tag)) == BPMN:
            for stray in owner.iterchildren(f"{{{CAMUNDA}}}*"):
                yield Issue(
                    stray,
                    f"camunda:{name_of(stray)} stands directly in a {kind}, where it is not read.",
                    "Set it in the modeler, which puts it into extensionElements.",
                )
        for part in extension_elements(owner):
            name = name_of(part)
            if namespace_of(str(part.tag)) != CAMUNDA or name in vendor.ELEMENTS_WITHOUT_EFFECT:
                continue
            if name not in EXTENSIONS.get(kind, frozenset()) | EXTENSIONS["*"]:
                why, remedy = vendor.ELEMENTS_REFUSED.get(name, ("It is not known.", "Remove it."))
                yield Issue(part, f"The extension camunda:{name} on this {kind} is not run here. {why}", remedy)


def mapping_incomplete(scope: Scope) -> Iterator[Issue]:
    """Find mappings of a call activity that map nothing, or ask for what is not run."""
    for node in scope.of_kind("callActivity"):
        for part in extension_elements(node):
            if part.tag not in (camunda("in"), camunda("out")):
                continue
            everything = part.get("variables") is not None
            extra = [name for name in map(str, part.attrib) if name not in _MAPPING]
            if extra or (everything and part.get("variables") != "all"):
                refused = extra[0] if extra else "variables"
                remedy = vendor.MAPPED.get(refused, 'Use source or sourceExpression with target, or variables="all".')
                yield Issue(part, f"This mapping has {refused!r}, which is not run here.", remedy)
            elif not everything and not (part.get("target") and (part.get("source") or part.get("sourceExpression"))):
                yield Issue(
                    part,
                    "This mapping lacks its source or its target.",
                    "Fill in both, or map all variables.",
                )


def invalid_camunda_value(scope: Scope) -> Iterator[Issue]:
    """Find values of `camunda:` attributes that are not among those that are run, and keys that are not constant."""
    for element, name, value in _attributes(scope):
        allowed = BINDINGS.get(name)
        if name == "isStartableInTasklist":
            allowed = frozenset(("true", "false"))
        if allowed is not None and value not in allowed:
            yield Issue(
                element,
                f"camunda:{name} may not be {value[:80]!r} here.",
                f"Choose {' or '.join(sorted(allowed))}.",
            )
        if name in _CONSTANT and ("${" in value or "#{" in value or value.lstrip().startswith("=")):
            yield Issue(
                element,
                f"camunda:{name} is an expression; it has to be known when the process is published.",
                "Write the key itself.",
            )
    for process in scope.processes:
        withdrawal = properties(process).get("withdrawal", "false")
        if withdrawal not in ("true", "false"):
            yield Issue(process, f"The property withdrawal is {withdrawal[:80]!r}.", "Write true or false.")
    for node in scope.of_kind("callActivity"):
        called = node.get("calledElement") or ""
        if "${" in called or "#{" in called or called.lstrip().startswith("="):
            yield Issue(
                node,
                "The called process is an expression; it has to be known when the process is published.",
                "Write the process's key, or draw a gateway with one call activity for each process.",
            )


def foreign_engine(scope: Scope) -> Iterator[Issue]:
    """Find what was written for another engine: it would be lost."""
    yield from _foreign(scope, engines=True)


def foreign_extension(scope: Scope) -> Iterator[Issue]:
    """Find attributes and elements of other namespaces: they are kept in the file and have no effect."""
    yield from _foreign(scope, engines=False)


def _foreign(scope: Scope, *, engines: bool) -> Iterator[Issue]:
    seen: set[str] = set()
    for process in scope.processes:
        for element in process.iter():
            for tag in (str(element.tag), *map(str, element.attrib)):
                space = namespace_of(tag)
                if not space or space in vendor.HARMLESS or space in vendor.CAMUNDA_LIKE or space in seen:
                    continue
                name = vendor.ENGINES.get(space)
                if engines and name:
                    seen.add(space)
                    yield Issue(
                        element,
                        f"The model uses {tag.rpartition('}')[2]!r} of {name}, which is not run here.",
                        "Model it for Camunda Platform 7, with the attributes that docs/bpmn.md lists.",
                    )
                elif not engines and not name:
                    seen.add(space)
                    yield Issue(
                        element,
                        f"{tag.rpartition('}')[2]!r} of the namespace {space[:120]!r} has no effect here.",
                        "Remove it if it matters; use camunda:property for what the engine should read.",
                    )


RULES = (
    Rule("camunda-prefix", camunda_prefix),
    Rule("unsupported-camunda-attribute", unsupported_camunda_attribute),
    Rule("unsupported-extension", unsupported_extension),
    Rule("ignored-camunda", ignored_camunda, "warning"),
    Rule("mapping-incomplete", mapping_incomplete),
    Rule("invalid-camunda-value", invalid_camunda_value),
    Rule("foreign-engine", foreign_engine),
    Rule("foreign-extension", foreign_extension, "warning"),
)
