"""Owns the reading of HTML in tests: is it balanced, are ids unique, do labels and descriptions lead somewhere."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img"}
PLAIN = {
    "id",
    "class",
    "for",
    "name",
    "value",
    "type",
    "hidden",
    "aria-describedby",
    "aria-invalid",
    "aria-hidden",
    "checked",
}
PLAIN |= {
    "selected",
    "list",
    "rows",
    "inputmode",
    "autocomplete",
    "spellcheck",
    "tabindex",
    "formnovalidate",
    "href",
    "src",
    "alt",
}
PLAIN |= {"datetime", "data-hide", "data-hide-key", "data-hide-op", "data-hide-value"}


@dataclass
class Element:
    """One element with its attributes and the text in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)


class Page(HTMLParser):
    """A fragment of HTML, checked while it is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.elements: list[Element] = []
        self._open = [self.root]
        self.feed(html)
        self.close()
        assert [element.tag for element in self._open] == [""], "an element is not closed"
        self._check()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute stands twice on {tag}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        self._open[-1].inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"{tag} closes {self._open[-1].tag}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of that tag with these attributes (`for_` stands for `for`)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [one for one in self.elements if one.tag == tag and wanted.items() <= one.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """Return the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def _check(self) -> None:
        ids = Counter(element.attributes["id"] for element in self.elements if "id" in element.attributes)
        assert all(count == 1 for count in ids.values()), ids
        for element in self.elements:
            assert element.attributes.keys() <= PLAIN, element
            named = element.attributes.get("aria-describedby", "").split() + element.attributes.get("for", "").split()
            named += element.attributes.get("list", "").split()
            assert all(target in ids for target in named), element
        labelled = {element.attributes["for"] for element in self.all("label")}
        inputs = [
            e
            for e in self.elements
            if e.tag in ("input", "select", "textarea") and e.attributes.get("type") != "hidden"
        ]
        assert all(element.attributes["id"] in labelled for element in inputs), inputs
        assert all(element.inside[0].tag == "legend" for element in self.all("fieldset"))
