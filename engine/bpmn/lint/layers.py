"""Owns the layers of variables in a process: what an activity has of its own, where a name that is set comes to stand.

It is the static side of `engine.bpmn.case.variables`: local names keep what is written to them, an instance of a
multi-instance activity keeps everything until it is done, everything else goes outwards. It judges no use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.bpmn.model import data_objects
from engine.bpmn.model.document import ACTIVITIES, Document, all_flow_nodes
from engine.bpmn.model.extensions import attribute, properties
from engine.bpmn.model.xml import Element, children_of, name_of
from engine.bpmn.reading import parameters

View = Literal["inside", "begin", "around", "loop", "completion", "result", "called", "flow"]
"""From where a name is read.

`inside` an activity; at its `begin`, by its input parameters; from `around` it; by its `loop` condition or that of its
`completion`; by its output parameters, which see its `result` as well; in the `called` process; on a `flow` that
leaves it.
"""

COUNTER: Final = "loopCounter"
COUNTS: Final = frozenset(
    f"{start}{kind}Instances" for start in ("nrOf", "numberOf") for kind in ("", "Active", "Completed")
) | {"numberOfTerminatedInstances"}
"""What a completion condition may count."""


@dataclass(slots=True)
class Layer:
    """What one activity has of its own.

    `begun` is there before its input parameters are, `given` are these too; `objects` are the data objects drawn in it.
    `names` are those that come to stand here, each with the element that sets it, None for several.
    """

    begun: frozenset[str]
    given: frozenset[str]
    objects: frozenset[str]
    repeated: bool
    instances: bool
    """multi-instance: an instance keeps what is written in it"""
    returns: bool
    """what an instance kept goes outwards as it is, not into a list of results"""
    names: dict[str, Element | None] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, node: Element) -> "Layer | None":
        """Return the layer of an activity, None for one that has nothing of its own."""
        loop = next(children_of(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"), None)
        instances = loop is not None and name_of(loop) == "multiInstanceLoopCharacteristics"
        item = attribute(loop, "elementVariable") if loop is not None and instances else None
        begun = frozenset() if loop is None else frozenset(filter(None, (COUNTER, item)))
        inputs = frozenset(each.name for each in parameters.drawn(node) if each.direction == "input")
        objects = frozenset(data_objects.drawn_in(document, node))
        if not (begun or inputs or objects):
            return None
        listed = instances and name_of(node) != "receiveTask" and "resultVariable" in properties(node)
        return cls(begun, begun | inputs, objects, loop is not None, instances, not listed)

    def shows(self, name: str, view: View, besides: Element | None, *, filled: bool) -> bool | None:
        """Say whether the activity itself sees `name` here; None: it is to be looked for around."""
        if view == "around" or (view == "flow" and self.repeated):
            return None
        if view in ("begin", "loop"):
            return True if name in self.begun and (view == "begin" or name == COUNTER) else None
        if view == "completion":
            return True if name in COUNTS or (name in self.names and name not in self.given) else None
        if name in self.given or (name in self.names and (besides is None or self.names[name] is not besides)):
            return True
        return not filled if name in self.objects else None


class Layers:
    """The layers of one process; `names` are those of the process itself, as in `Layer`."""

    def __init__(self, document: Document, process: Element) -> None:
        self.names: dict[str, Element | None] = {}
        self.inner: dict[Element, Layer] = {}
        for node in all_flow_nodes(process):
            layer = Layer.of(document, node) if name_of(node) in ACTIVITIES else None
            if layer is not None:
                self.inner[node] = layer

    def put(self, name: str | None, setter: Element, *, inside: bool, brought: bool = False) -> None:
        """Let `setter` set a name: from `inside` its own layer, or around it.

        `brought` says that an instance brings it, whatever its local names are.
        """
        name = (name or "").strip()
        if not name:
            return
        own = self.inner.get(setter)
        for layer in (*((own,) if own is not None and (inside or brought) else ()), *self._around(setter)):
            if (name in layer.given or name in layer.objects) and not (brought and layer is own):
                _note(layer.names, name, setter)
                return
            if layer.instances:
                _note(layer.names, name, setter)
                if not layer.returns:
                    return
        _note(self.names, name, setter)

    def shows(
        self, name: str, node: Element, view: View, besides: Element | None = None, *, filled: bool = False
    ) -> bool | None:
        """Say whether `name` is seen at `node` by a layer within the process; None: the process itself is to be asked.

        `besides` is an element whose own setting does not count, `filled` asks whether a data object was given a value.
        """
        own = self.inner.get(node)
        found = None if own is None else own.shows(name, view, besides, filled=filled)
        for layer in self._around(node):
            if found is None:
                found = layer.shows(name, "inside", besides, filled=filled)
        return found

    def all_names(self) -> Iterator[str]:
        """Yield every name that is seen anywhere in the process; some more than once."""
        yield from self.names
        for layer in self.inner.values():
            yield from layer.given
            yield from layer.objects
            yield from layer.names

    def owners(self, name: str) -> Iterator[Element]:
        """Yield the activities that have a name of their own."""
        return (node for node, layer in self.inner.items() if name in layer.given or name in layer.names)

    def _around(self, node: Element) -> Iterator[Layer]:
        return (self.inner[above] for above in node.iterancestors() if above in self.inner) if self.inner else iter(())


def _note(names: dict[str, Element | None], name: str, setter: Element) -> None:
    names[name] = setter if names.get(name, setter) is setter else None
