"""Owns the safe reading of a DMN file into elements, and small questions about an element; it knows no decision logic.

The parser loads no DTD, resolves no entity and reaches no network; a DOCTYPE, a huge or a malformed file is a finding.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from engine.types import Finding

MAX_BYTES = 2_000_000
"""Largest file that is read."""

_NAMESPACES = ("http://www.omg.org/spec/DMN/", "https://www.omg.org/spec/DMN/")


class Unreadable(ValueError):
    """The file is no DMN model at all; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


def read(content: bytes, file: str) -> Element:
    """Return the root element of a DMN file. Raises `Unreadable`."""

    def refuse(rule: str, message: str, remedy: str, line: int | None = None) -> Unreadable:
        return Unreadable(Finding(file, rule, message, remedy, line))

    if len(content) > MAX_BYTES:
        raise refuse(
            "dmn-too-large", f"The file has more than {MAX_BYTES} bytes.", "Split the model into several files."
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    doctype = refuse("dmn-doctype", "The file has a DOCTYPE.", "Remove the DOCTYPE; DMN needs none.")
    if b"<!DOCTYPE" in content:
        raise doctype
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        reason = error.msg or "it is empty"
        raise refuse(
            "dmn-xml", f"The file is no XML: {reason}.", "Save it again from the modeler.", error.lineno
        ) from None
    except (ValueError, LookupError) as error:
        raise refuse("dmn-xml", f"The file cannot be read: {error}.", "Save it as UTF-8 from the modeler.") from None
    if getattr(root.getroottree().docinfo, "internalDTD", None) is not None:  # written in UTF-16, say
        raise doctype
    if local_name(root) != "definitions" or not namespace_of(root).startswith(_NAMESPACES):
        raise refuse(
            "dmn-root",
            "The file is no DMN model: its root is not DMN's 'definitions'.",
            "Upload a .dmn file as a DMN modeler saves it.",
            line_of(root),
        )
    return root


def line_of(element: Element) -> int | None:
    """Return the line on which an element begins, from 1."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str:
    """Return the namespace of an element, empty for none."""
    return str(element.tag).partition("}")[0].removeprefix("{") if "}" in str(element.tag) else ""


def children(element: Element, *names: str) -> list[Element]:
    """Return the child elements with one of the local names."""
    return [child for child in _elements(element) if local_name(child) in names]


def child(element: Element, *names: str) -> Element | None:
    """Return the first child element with one of the local names."""
    return next((entry for entry in _elements(element) if local_name(entry) in names), None)


def _elements(element: Element) -> Iterator[Element]:
    return iter(element)  # comments and processing instructions were dropped by the parser


def text_of(element: Element | None) -> str:
    """Return the content of the `text` child, white space at both ends dropped."""
    holder = None if element is None else child(element, "text")
    return "" if holder is None else "".join(str(part) for part in holder.itertext()).strip()


def name_of(element: Element) -> str:
    """Return the name attribute with single spaces, empty for none."""
    return " ".join((element.get("name") or "").split())


def type_of(element: Element | None) -> str | None:
    """Return the typeRef attribute."""
    return None if element is None else element.get("typeRef")
