"""Owns the rule about names that the FEEL of a form reads, and that nothing sets where the form is used.

Forms of registers are judged where processes use them too, and not as such: an earlier version of a record may hold
what an earlier version of the form asked for.
"""

from collections.abc import Iterator

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint import meant
from engine.bpmn.lint.form_uses import FormUse, UnsetRead
from engine.bpmn.lint.rule import Issue, Place, Rule, in_words
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.xml import Element, name_of
from engine.forms_protocol import FormRead

_MAX_SHOWN = 80


def form_unset_name(scope: Scope) -> Iterator[Issue]:
    """Find names in forms that are neither fields of the form nor set in any place that uses it, if these are known.

    A form that several places share may well ask for what only some of them have.
    """
    for found in scope.deployment.unset_reads:
        if found.uses[0].document is scope.document:
            yield _issue(scope.catalog, found)


def _issue(catalog: Catalog, found: UnsetRead) -> Issue:
    # A task is told before a start event: there is more that may set the name.
    read, use, file = found.read, max(found.uses, key=lambda each: each.of_task), catalog.form_file(found.key)
    part = f"{read.type} {read.element[:_MAX_SHOWN]!r}" if read.element else read.type
    part = part if file is not None else f"In the form {found.key[:_MAX_SHOWN]!r}, {part}"
    others = f" and {len(found.uses) - 1} more" if len(found.uses) > 1 else ""
    where = f"{in_words(use.node)} {_named(use.node)} of {use.document.file}{others}"
    if use.of_task:
        why = f"which is no field of the form and which nothing sets where it is used ({where})"
    else:
        why = f"which is no field of the form, and it sees nothing else where it is used ({where})"
    place = None if file is None else Place(file, read.line, read.element, read.label)
    message = f"{part}: {read.what} reads {read.name[:_MAX_SHOWN]!r}, {why}, so it would be null."
    return Issue(use.node, message, _remedy(catalog, found.key, read, use), place)


def _remedy(catalog: Catalog, key: str, read: FormRead, use: FormUse) -> str:
    if read.instead is not None:
        return f"Write {read.instead} for the form's own field."
    close = meant.close((read.name,), use.seen().union(catalog.form_fields(key) or ()))
    if close is not None:
        return f"Did you mean {close!r}?"
    before = ", or set it before: by another form, a script, a parameter or a result variable" if use.of_task else ""
    return meant.in_feel(read.name) or f"Correct the name, or give the form such a field{before}."


def _named(node: Element) -> str:
    return repr((" ".join((node.get("name") or "").split()) or node.get("id") or name_of(node))[:_MAX_SHOWN])


RULES = (Rule("form-unset-name", form_unset_name, "warning"),)
