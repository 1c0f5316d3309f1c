"""Owns the catching link event (BPMN 2.0.2, 10.5.1): where a flow goes on whose picture was cut in two."""

from engine.bpmn.specs.element import Element


class LinkCatchEvent(Element):
    """Passes: tokens come from the throwing events of the same name."""

    lasting = False
