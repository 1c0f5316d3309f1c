"""Owns the way from a DMN file to a compiled model: elements, references, imports, and what is wrong with them.

Whatever is not run here is a finding with file, line, element and remedy; nothing is silently left out.
"""

from collections.abc import Mapping
from functools import cached_property

from lxml.etree import _Element as Element

from engine.decisions.boxed import Boxed
from engine.decisions.document import Unreadable, child, children, line_of, local_name, name_of, read, type_of
from engine.decisions.expressions import Expressions, nothing
from engine.decisions.graph import Kind, Model, Node, circular
from engine.decisions.item_types import ItemTypes
from engine.decisions.model import DecisionModel, model_of
from engine.decisions.table import CAMUNDA, checked_type
from engine.feel.compiler import Environment
from engine.types import Finding

_KINDS: dict[str, Kind] = {
    "inputData": "inputData",
    "decision": "decision",
    "businessKnowledgeModel": "businessKnowledgeModel",
    "decisionService": "decisionService",
}
_DOCUMENTATION = frozenset(
    {
        "DMNDI",
        "association",
        "businessContextElement",
        "description",
        "elementCollection",
        "extensionElements",
        "group",
        "import",
        "itemDefinition",
        "knowledgeSource",
        "organizationUnit",
        "performanceIndicator",
        "textAnnotation",
    }
)
"""Elements that need no running: descriptions, drawings, and those that are read elsewhere."""

_MAX_ELEMENTS = 2_000
_REQUIREMENTS = ("requiredInput", "requiredDecision", "requiredKnowledge")


def parse(
    content: bytes, file: str, library: Mapping[str, bytes] | None = None
) -> tuple[DecisionModel | None, list[Finding]]:
    """Return the model of a DMN file and the findings about it; no model when a finding is an error.

    `library` holds the other DMN files of the deployment by name; imports look there. Nothing is raised, whatever the
    bytes are.
    """
    model, findings = read_model(content, file, library)
    if model is None or any(finding.severity == "error" for finding in findings):
        return None, findings
    return model, findings


def read_model(
    content: bytes, file: str, library: Mapping[str, bytes] | None = None
) -> tuple[DecisionModel | None, list[Finding]]:
    """Return what can be made of a file even where it has errors: broken parts give null. For inspection only."""
    try:
        root = read(content, file)
        others = _Library(file, library or {})
        others.readers[root.get("namespace") or ""] = None
        reader = _Reader(root, file, others)
        return model_of(reader.model), reader.expressions.findings
    except Unreadable as unreadable:
        return None, [unreadable.finding]
    except RecursionError:
        return None, [
            Finding(file, "dmn-too-deep", "The model is nested too deeply.", "Split it into several decisions.")
        ]


class _Library:
    """The other files of a deployment by namespace, each read once; a reader is None while its file is being read."""

    def __init__(self, file: str, library: Mapping[str, bytes]) -> None:
        self._file, self._library = file, library
        self.readers: dict[str, _Reader | None] = {}

    @cached_property
    def roots(self) -> dict[str, tuple[Element, str]]:
        """The root elements and file names by namespace; a file that cannot be read has its own finding elsewhere."""
        roots: dict[str, tuple[Element, str]] = {}
        for file, content in sorted(self._library.items()):
            if file != self._file:
                try:
                    root = read(content, file)
                except Unreadable:
                    continue
                roots.setdefault(root.get("namespace") or "", (root, file))
        return roots

    def reader(self, namespace: str) -> "_Reader | None":
        """Return the reader of a file; None when that file is just being read, so that the import leads round."""
        if namespace not in self.readers:
            self.readers[namespace] = None
            root, file = self.roots[namespace]
            self.readers[namespace] = _Reader(root, file, self)
        return self.readers[namespace]


class _Reader:
    """Reads one file, and through `library` those that it imports."""

    known: set[str]
    model: Model

    def __init__(self, root: Element, file: str, library: _Library) -> None:
        self.root, self.file = root, file
        namespace = root.get("namespace") or ""
        imported = self._imports(library)
        known = {name_of(element) for element in root.iter() if element.get("name") and element is not root} | {"?"}
        for name, reader in imported.items():
            known |= reader.known | ({name} if name else set())
        self.known = known
        environment = Environment()
        self.expressions = Expressions(file, known, environment)
        self.expressions.default_language = root.get("expressionLanguage")
        for finding in self._import_findings:
            self.expressions.find(*finding)
        types = ItemTypes(
            self.expressions, {name: reader.model.types for name, reader in imported.items()}, inbound=False
        )
        inbound = ItemTypes(
            self.expressions, {name: reader.model.inbound for name, reader in imported.items()}, inbound=True
        )
        self.model = Model(
            file, namespace, types, inbound, imports={name: reader.model for name, reader in imported.items()}
        )
        self._types(environment)
        self.boxed = Boxed(self.expressions, types, inbound)
        elements = self._elements()
        self._declare(elements)
        self._connect(elements)
        for node, element in elements:
            self._compile(node, element)
        self._check(elements)

    def _imports(self, library: _Library) -> "dict[str, _Reader]":
        self._import_findings: list[tuple[str, Element, str, str]] = []
        found: dict[str, _Reader] = {}
        for element in children(self.root, "import"):
            namespace = element.get("namespace") or ""
            if namespace not in library.readers and namespace not in library.roots:
                message = f"No file of this deployment has the namespace {namespace!r}."
                remedy = "Deploy the imported model together with this one."
                self._import_findings.append(("dmn-import", element, message, remedy))
                continue
            reader = library.reader(namespace)
            if reader is None:
                message = f"The import of {namespace!r} leads back here."
                self._import_findings.append(("dmn-import-cycle", element, message, "Remove one of the imports."))
                continue
            found[name_of(element)] = reader
            wrong = next((entry for entry in reader.expressions.findings if entry.severity == "error"), None)
            if wrong is not None:
                message = f"The imported file {reader.file!r} has errors: {wrong.message}"
                self._import_findings.append(("dmn-import", element, message, "Mend that file first."))
        return found

    def _types(self, environment: Environment) -> None:
        types = self.model.types
        for element in children(self.root, "itemDefinition"):
            types.definitions[name_of(element)] = element
            self.model.inbound.definitions[name_of(element)] = element
        self.expressions.bound = frozenset()
        resolved = {}
        for name in types.definitions:
            check = types.check(name)
            if check is not None:
                resolved[name] = check
        environment.types = resolved
        for element in self.root.iter("{*}typeRef"):
            reference = (element.text or "").strip()
            if reference:
                checked_type(reference, element, self.expressions, types)

    def _elements(self) -> list[tuple[Node, Element]]:
        found: list[tuple[Node, Element]] = []
        for element in self.root:
            kind = _KINDS.get(local_name(element))
            if kind is None:
                if local_name(element) not in _DOCUMENTATION:
                    message = f"The element {local_name(element)!r} is not run here."
                    self.expressions.find("dmn-element", element, message, "Remove it, or express it as a decision.")
                continue
            variable = child(element, "variable")
            name = name_of(element) or element.get("id") or ""
            node = Node(
                self.model,
                element.get("id") or "",
                name,
                kind,
                (name_of(variable) if variable is not None else "") or name,
                nothing,
            )
            node.line = line_of(element)
            found.append((node, element))
        return found

    def _declare(self, elements: list[tuple[Node, Element]]) -> None:
        names: set[str] = set()
        if len(elements) > _MAX_ELEMENTS:
            self.expressions.find(
                "dmn-too-large", self.root, f"The model has over {_MAX_ELEMENTS} elements.", "Split it up."
            )
        for node, element in elements:
            if not node.id:
                self.expressions.find(
                    "dmn-missing-id", element, f"{node.kind} {node.name!r} has no id.", "Give it an id."
                )
            elif node.id in self.model.nodes:
                self.expressions.find(
                    "dmn-duplicate-id", element, f"The id {node.id!r} is used twice.", "Change one of them."
                )
            if node.name in names:
                self.expressions.find(
                    "dmn-duplicate-name", element, f"The name {node.name!r} is used twice.", "Change one of them."
                )
            names.add(node.name)
            self.model.nodes.setdefault(node.id or f"-{len(names)}", node)

    def _connect(self, elements: list[tuple[Node, Element]]) -> None:
        for node, element in elements:
            required = children(element, "informationRequirement", "knowledgeRequirement")
            references = [entry for holder in required for entry in children(holder, *_REQUIREMENTS)]
            node.requires = self._resolved(references)
            if node.kind == "decisionService":
                inputs = [*children(element, "inputData"), *children(element, "inputDecision")]
                node.parameters = self._resolved(inputs)
                node.outputs = self._resolved(children(element, "outputDecision"))

    def _resolved(self, references: list[Element]) -> tuple[Node, ...]:
        nodes: list[Node] = []
        for reference in references:
            node = self.model.find(reference.get("href") or "")
            if node is None:
                message = f"{reference.get('href')!r} is required, but does not exist."
                remedy = "Remove the requirement, or add the element it leads to."
                self.expressions.find("dmn-missing-reference", reference, message, remedy)
            else:
                nodes.append(node)
        return tuple(nodes)

    def _compile(self, node: Node, element: Element) -> None:
        variable = child(element, "variable")
        reference = type_of(variable)
        types = self.model.types
        if node.kind == "businessKnowledgeModel":
            reference = types.function_result(reference)
        node.check = checked_type(reference, element if variable is None else variable, self.expressions, types)
        node.inbound = self.model.inbound.check(reference)
        self.expressions.reads, self.expressions.certain = set(), set()
        if node.kind == "decision":
            logic = self.boxed.logic_of(element)
            if logic is None:
                message = f"The decision {node.name!r} has no logic."
                self.expressions.find("dmn-no-logic", element, message, "Give it a decision table or an expression.")
            node.logic = self.boxed.compile(logic, node.variable)
            node.table = None if logic is None else self.boxed.tables.get(logic)
        elif node.kind == "businessKnowledgeModel":
            logic = child(element, "encapsulatedLogic")
            if logic is None:
                message = f"The business knowledge model {node.name!r} has no logic."
                self.expressions.find("dmn-no-logic", element, message, "Give it a function.")
            else:
                self.expressions.bound = frozenset((node.name,))
                node.logic = self.boxed.function(logic, node.name)
                self.expressions.bound = frozenset()
        node.reads, node.certain = frozenset(self.expressions.reads), frozenset(self.expressions.certain)

    def _check(self, elements: list[tuple[Node, Element]]) -> None:
        by_name = {node.name: node for node, _ in elements if node.kind != "inputData"}
        rings = circular(node for node, _ in elements)
        for node, element in elements:
            if node in rings:
                message = f"{node.name!r} requires itself, directly or by way of others."
                self.expressions.find("dmn-cycle", element, message, "Remove one of the requirements.")
            required = {name for other in node.requires for name in (other.name, other.variable)}
            for name in sorted(node.reads & by_name.keys() - required - {node.name}):
                message = f"The logic of {node.name!r} reads {name!r} without requiring it, so it is null there."
                self.expressions.find("dmn-missing-requirement", element, message, f"Draw a requirement from {name!r}.")
            if node.kind == "decisionService" and not node.outputs:
                self.expressions.find(
                    "dmn-no-logic", element, f"The service {node.name!r} has no output decision.", "Add one."
                )
        for element in self.root.iter(f"{CAMUNDA}*"):
            message = f"The extension {local_name(element)!r} is not run here."
            self.expressions.find("dmn-extension", element, message, "Remove it.")
