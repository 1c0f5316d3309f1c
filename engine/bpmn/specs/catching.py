"""Owns who catches an error or an escalation: it looks outwards from the throw, scope by scope (BPMN 2.0.2, 13.5).

In each scope the event sub-processes come first, then the boundary events of the activity that the scope runs for; in
both, an event for the code comes before one for any. An event sub-process does not catch what is thrown within it, and
one that has interrupted its scope leaves no other to catch there: what its handling throws goes to whoever is around.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from engine.bpmn.case.context import StepBudgetSpent
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.errors import BudgetSpent, ComityError, ExpressionRefused, StepFailed

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.event_subprocess import EventSubProcess

SCRIPT_FAILED: Final = "SCRIPT_FAILED"
DECISION_FAILED: Final = "DECISION_FAILED"
OPERATION_FAILED: Final = "OPERATION_FAILED"

Kind = Literal["error", "escalation"]


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error or an escalation on its way. `code` is None for one that names none."""

    kind: Kind
    code: str | None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Catching:
    """What an event catches: an error or an escalation with `code`, None: with any. The variables may be None."""

    kind: Kind
    code: str | None = None
    code_variable: str | None = None
    message_variable: str | None = None

    def keep(self, token: Token, thrown: Thrown) -> None:
        """Set the variables that the event names, where `token` goes on."""
        kept = {self.code_variable: thrown.code, self.message_variable: thrown.message}
        Variables(token).set({name: value for name, value in kept.items() if name is not None})


class Catcher(Protocol):
    """An element that may catch what is thrown; `catches` is None for one that waits for something else."""

    catches: Catching | None
    interrupts: bool


_CatcherT = TypeVar("_CatcherT", bound=Catcher)


def throw_error(token: Token, code: str | None, message: str | None = None) -> bool:
    """Throw an error at `token`: at an end event, or at a task whose operation asks for it. Say whether it was caught.

    If it was, what the catcher interrupts is cancelled, `token` included, and the branch that handles the error waits
    to be run. If it was not, nothing has happened. Raises `StepFailed` when the catcher cannot begin.
    """
    return throw(token, Thrown("error", code, message))


def catch_failure(token: Token, code: str, error: ComityError) -> bool:
    """Throw a failure of the activity at `token` as an error with `code`, as `throw_error` does.

    An event for any error catches it on the activity itself only: an author who means the errors of the business does
    not expect a broken script among them. What is not the activity's own failure (the step's budget, the database) is
    caught by nobody.
    """
    if not isinstance(error, StepFailed | ExpressionRefused | BudgetSpent) or isinstance(error, StepBudgetSpent):
        return False
    reason = error.reason if isinstance(error, StepFailed) else str(error)
    return throw(token, Thrown("error", code, reason), any_around=False)


def throw(token: Token, thrown: Thrown, *, any_around: bool = True) -> bool:
    """Let the nearest event that catches `thrown` do so; say whether there is one.

    `any_around` False leaves events for any code to the activity of `token` itself.
    """
    own = _best(token.element.catchers, thrown)
    if own is not None:
        own.catch(_whole(token), thrown)
        return True
    left: list[Scope] = []
    scope, inner = token.scope, token
    while True:
        handler = _best(_handlers(scope, inner), thrown, any_code=any_around)
        if handler is not None:
            _leave(left, handler)
            handler.catch(scope, thrown)
            return True
        if scope.host is None:
            return False
        left.append(scope)
        inner = scope.host
        event = _best(inner.element.catchers, thrown, any_code=any_around)
        if event is not None:
            _leave(left, event)
            event.catch(_whole(inner), thrown)
            return True
        scope = inner.scope


def _handlers(scope: "Scope", inner: Token) -> list["EventSubProcess"]:
    """Return the event sub-processes of `scope` that may catch what comes from within its token `inner`."""
    if any(handler is inner.element and handler.interrupts for handler in scope.spec.handlers):
        return []
    return [handler for handler in scope.spec.handlers if handler is not inner.element]


def _leave(left: "Iterable[Scope]", catcher: Catcher) -> None:
    """End the scopes that an interrupting catcher is around, the innermost first, as the log is to tell it."""
    for scope in left if catcher.interrupts else ():
        scope.abandon()


def _whole(token: Token) -> Token:
    """Return the token that stands for the activity: of a multi-instance one, for all instances."""
    if token.element.has_instances and token.owner is not None:
        return token.scope.live[token.owner]
    return token


def _best(catchers: Iterable[_CatcherT], thrown: Thrown, *, any_code: bool = True) -> _CatcherT | None:
    """Return the event for the code of `thrown`, else one for any, else None."""
    fitting = [each for each in catchers if each.catches is not None and each.catches.kind == thrown.kind]
    exact = [each for each in fitting if each.catches is not None and each.catches.code == thrown.code is not None]
    general = [each for each in fitting if any_code and each.catches is not None and each.catches.code is None]
    return next(iter((*exact, *general)), None)
