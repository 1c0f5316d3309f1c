"""Owns the names of the rules that a file must keep to be read at all; `engine.bpmn.model.xml` applies them."""

from engine.bpmn.lint.rule import Rule

RULES = (
    Rule("file-too-large", None),
    Rule("encoding", None),
    Rule("doctype", None),
    Rule("not-xml", None),
    Rule("not-bpmn", None),
)
