"""Owns the safe reading of uploaded XML: size, encoding, depth, no DOCTYPE, no network; of BPMN it knows the namespace.

The lint, the facts and the interpreter's parser all read models through `read_bpmn`, so that none of them sees a file
that another refused.
"""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias, cast

from lxml import etree

from engine.errors import ComityError

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml offers no public name for the type of an element

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

MAX_BYTES: Final = 5_000_000
"""Largest file that is read."""

MAX_ELEMENTS: Final = 50_000
"""Most XML elements in a file. The largest models found in public have about a tenth of that, shapes included."""

MAX_ATTRIBUTES: Final = 100
"""Most attributes of one XML element: reading them takes time that grows with the square of their number."""

_ENCODINGS = frozenset(("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1"))
"""Encodings in which `<` is one byte and always the same one: the search for a DOCTYPE relies on it."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_NOT_SPACE = re.compile(rb"[^ \t\r\n]")
_POSITION = re.compile(r", line \d+, column \d+.*$", re.DOTALL)


class XmlRefused(ComityError):
    """A file cannot be read as XML, or not as BPMN.

    `rule` names the section of docs/lint-rules.md, `remedy` says how to mend it, `line` counts from 1 (None: all).
    """

    def __init__(self, rule: str, reason: str, remedy: str, line: int | None = None) -> None:
        self.rule, self.reason, self.remedy, self.line = rule, reason, remedy, line
        super().__init__(f"{reason} {remedy}" if line is None else f"Line {line}: {reason} {remedy}")


def read_xml(content: bytes) -> Element:
    """Return the root of the XML in `content`, comments and processing instructions left out.

    Raises `XmlRefused` for anything that is not well-formed XML without a DOCTYPE, within the limits of this module.
    """
    if len(content) > MAX_BYTES:
        raise XmlRefused(
            "file-too-large",
            f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are read.",
            "Take embedded images out, or split the model into several files.",
        )
    content = content.removeprefix(_BYTE_ORDER_MARK)
    _check_encoding(content)
    if _has_doctype(content):
        raise XmlRefused(
            "doctype",
            "The file has a DOCTYPE declaration, which may define entities.",
            "Delete the lines from <!DOCTYPE to its closing >.",
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        reason = _POSITION.sub("", str(error.msg)).strip() or "it breaks off"
        raise XmlRefused(
            "not-xml",
            f"The file is not well-formed XML: {reason}.",
            "Open it in the modeler and save it again, or mend the XML by hand.",
            error.lineno or None,
        ) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):  # the types that lxml is given lack it
        raise XmlRefused("doctype", "The file has a DOCTYPE declaration.", "Delete it.")
    for count, element in enumerate(root.iter(), 1):
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise XmlRefused(
                "file-too-large",
                f"An XML element has more than {MAX_ATTRIBUTES} attributes.",
                "Remove those that BPMN does not give to it.",
                line_of(element),
            )
        if count > MAX_ELEMENTS:
            raise XmlRefused(
                "file-too-large",
                f"The file has more than {MAX_ELEMENTS:,} XML elements.",
                "Split the model into several files, joined by call activities.",
            )
    return root


def read_bpmn(content: bytes) -> Element:
    """Return the `definitions` element of the BPMN file in `content`; raise `XmlRefused` when it is something else."""
    root = read_xml(content)
    if root.tag != bpmn("definitions"):
        raise XmlRefused(
            "not-bpmn",
            f"The file's first element is {name_of(root)!r}, not the 'definitions' of BPMN 2.0.",
            "Upload the .bpmn file that the modeler saves.",
            line_of(root),
        )
    return root


def bpmn(name: str) -> str:
    """Return lxml's name of the BPMN element `name`."""
    return f"{{{BPMN}}}{name}"


def camunda(name: str) -> str:
    """Return lxml's name of the attribute or element `name` in Camunda's namespace."""
    return f"{{{CAMUNDA}}}{name}"


def name_of(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def line_of(element: Element) -> int | None:
    """Return the line on which an element begins, counted from 1."""
    return cast("int | None", element.sourceline)


def namespace_of(tag: str) -> str:
    """Return the namespace in lxml's name `tag`; empty when it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def children_of(element: Element, *names: str) -> Iterator[Element]:
    """Yield the children of `element` that are BPMN elements with one of these names, in document order."""
    return element.iterchildren(*(bpmn(name) for name in names))


def text_of(element: Element | None) -> str:
    """Return the text within an element, stripped; empty for None."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def _check_encoding(content: bytes) -> None:
    remedy = "Save the file as UTF-8; modelers do so by themselves."
    if b"\x00" in content[:4] or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise XmlRefused("encoding", "The file is not in UTF-8.", remedy)
    declared = _DECLARED.match(content)
    if declared and declared[1].decode("ascii").lower() not in _ENCODINGS:
        raise XmlRefused("encoding", f"The encoding {declared[1].decode('ascii')!r} is not read here.", remedy, 1)


def _has_doctype(content: bytes) -> bool:
    """Say whether a DOCTYPE stands before the first element: the only place where XML has one (XML 1.0, 2.8)."""
    at = 0
    while at < len(content):
        at = _next_mark(content, at)
        if content.startswith(b"<?", at):
            at = _behind(content, b"?>", at)
        elif content.startswith(b"<!--", at):
            at = _behind(content, b"-->", at + 4)
        else:
            return content[at : at + 9].upper() == b"<!DOCTYPE"
    return False


def _next_mark(content: bytes, start: int) -> int:
    found = _NOT_SPACE.search(content, start)
    return found.start() if found else len(content)


def _behind(content: bytes, mark: bytes, start: int) -> int:
    at = content.find(mark, start)
    return len(content) if at < 0 else at + len(mark)
