"""Owns the judgement over uploaded BPMN files: what the engine cannot run is refused, with line, element and remedy.

It runs nothing and asks a `Catalog` about everything outside the files. Rules are listed in `engine.bpmn.lint.rules`.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint.deployment import Deployment
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.rules import RULES, identity
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import Document
from engine.bpmn.model.xml import XmlRefused
from engine.types import Finding
from engine.types.counting import counted

__all__ = ["RULES", "Issue", "Rule", "is_model", "lint"]

MAX_FINDINGS: Final = 20
"""How many findings of one rule in one file are told; further ones are counted in the last."""

_MAX_COUNTED = 200
_ENDINGS = (".bpmn", ".bpmn20.xml", ".bpmn.xml")


def is_model(file: str) -> bool:
    """Say by its name whether a file is a BPMN model."""
    return file.lower().endswith(_ENDINGS)


def lint(files: Mapping[str, bytes], catalog: Catalog) -> list[Finding]:
    """Return what is wrong with the BPMN models among `files` (by file name), by file and line; others are passed over.

    A finding of severity error means that the models cannot be deployed. Never raises for content, whatever it is.
    """
    models: dict[str, Document] = {}
    findings: list[Finding] = []
    for file, content in files.items():
        if is_model(file):
            try:
                models[file] = Document(content, file)
            except XmlRefused as refused:
                findings.append(Finding(file, refused.rule, refused.reason, refused.remedy, refused.line))
    deployment = Deployment(models, catalog)
    for document in models.values():
        scope = Scope(document, deployment)
        # A process that is refused for its size is not worth the time that its details would take.
        for rule in RULES if not scope.large_processes else identity.RULES:
            findings.extend(_apply(rule, scope))
    return sorted(findings, key=lambda finding: (finding.file, finding.line or 0))


def _apply(rule: Rule, scope: Scope) -> list[Finding]:
    issues = list(islice(rule.check(scope), _MAX_COUNTED)) if rule.check is not None else []
    told = [rule.finding(scope.document.file, issue) for issue in issues[:MAX_FINDINGS]]
    if len(issues) > MAX_FINDINGS:
        least = "at least " if len(issues) == _MAX_COUNTED else ""
        rest = Issue(
            None,
            f"Of this rule, the file has {least}{counted(len(issues) - MAX_FINDINGS, 'more finding')}.",
            "Mend those above first.",
        )
        told.append(rule.finding(scope.document.file, rest))
    return told
