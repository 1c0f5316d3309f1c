"""Owns activities that run a scope of their own: embedded sub-processes and call activities (BPMN 2.0.2, 13.3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables, View
from engine.bpmn.specs.activity import Activity
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.specs.process import ProcessSpec


class SubProcess(Activity):
    """An embedded sub-process: it shares the variables around it."""

    inner: "ProcessSpec"

    def activate(self, token: Token) -> None:
        """Start the scope."""
        token.scope.case.open_scope(token, self.inner, self.bring_in(token))

    def bring_in(self, token: Token) -> dict[str, Json]:
        """Return the variables that the scope begins with."""
        del token
        return {}

    def cancelled(self, token: Token) -> None:
        """End the scope with its activity."""
        scope = token.scope.case.scope_of(token)
        if scope is not None and not scope.completed:
            scope.abandon()
        super().cancelled(token)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A `camunda:in` or `camunda:out`: a variable, or everything (`target` None)."""

    target: str | None = None
    source: feel.Expression | None = None
    variable: str | None = None
    """the source when it is just a variable: references stay what they are"""


class CallActivity(SubProcess):
    """Calls a process, which has variables of its own. Without any mapping, all variables go in and come out."""

    def __init__(self, *args: Any, key: str, into: Sequence[Mapping], out: Sequence[Mapping], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = (Mapping(),)
        self.key = key
        self.into: Sequence[Mapping] = into if into or out else everything
        self.out: Sequence[Mapping] = out if into or out else everything

    def bring_in(self, token: Token) -> dict[str, Json]:
        """Return the variables that the mappings make."""
        found: dict[str, Json] = {}
        variables = Variables(token)
        seen: set[str] = set()
        for mapping in self.into:
            if mapping.target is None:
                found.update(variables.all())
                seen.update(token.unseen)
            elif mapping.source is not None and mapping.variable is None:
                found[mapping.target] = self.value(mapping.source, token)
                seen.update(mapping.source.names)
            else:
                found[mapping.target] = variables.get(mapping.variable or "")
                seen.add(mapping.variable or "")
        variables.note_seen(seen)
        return found

    def keep_records(self, token: Token) -> None:
        """Bring the results out, before records are written from them."""
        scope = token.scope.case.scope_of(token)
        if scope is not None:
            results: dict[str, Json] = {}
            for mapping in self.out:
                if mapping.target is None:
                    results.update(scope.data)
                elif mapping.source is not None and mapping.variable is None:
                    case = token.scope.case
                    view = View([scope.data], case.records)
                    results[mapping.target] = mapping.source.evaluate(view, now=case.context.now)
                else:
                    results[mapping.target] = scope.data.get(mapping.variable or "")
            Variables(token).bring(results)
        super().keep_records(token)

    def interface(self) -> str | None:
        """Return the process that is called."""
        return f"process:{self.key}"
