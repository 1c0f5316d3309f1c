"""Owns the standard loop (BPMN 2.0.2, 10.3.8 and 13.3.6): an activity done again and again while a condition holds.

A token at a looping activity stands for the whole loop; each round is a token of its own with `loopCounter` (from 0) in
front of the case's variables. What a round writes goes to the case's variables, so the condition sees it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from engine import feel
from engine.bpmn.case.token import STARTED, Token
from engine.bpmn.specs.loop import COUNTER

if TYPE_CHECKING:
    from engine.bpmn.specs.activity import Activity


_LONGEST: Final = 9


def is_maximum(text: str) -> bool:
    """Say whether a model's text is a number of rounds: a whole number from 1."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST and int(text) > 0


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """How an activity loops: while `condition` holds (None: always), asked before or after each round.

    After `maximum` rounds it ends without asking. At least one of the two is set.
    """

    collects: ClassVar[bool] = False

    condition: feel.Expression | None = None
    before: bool = False
    maximum: int | None = None

    def begin(self, activity: "Activity", token: Token) -> None:
        """Start the first round; `token` stands for the loop. Raises `StepFailed`."""
        token._set_state(STARTED)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        token.notes["done"] = 0
        if self.before and not self._goes_on(activity, token):
            token.scope.case.complete_soon(token)
        else:
            self._start_round(activity, token)

    def instance_done(self, activity: "Activity", token: Token, instance: Token) -> None:
        """Start the next round after `instance`, or end the activity. Raises `StepFailed`."""
        token.notes["done"] += 1
        token.unseen = dict(instance.unseen)
        if self._goes_on(activity, token):
            self._start_round(activity, token)
        else:
            token.complete()

    def told(self, instance: Token) -> tuple[str, str]:
        """Return in words which round it is, such as `round 3`; a round is for nothing of its own."""
        done = instance.data.get(COUNTER)
        return f"round {done + 1}" if isinstance(done, int) else "a round", ""

    def bring(self, token: Token) -> None:
        """Set nothing: what the rounds wrote is there already."""

    def _goes_on(self, activity: "Activity", token: Token) -> bool:
        """Ask whether there is another round; `loopCounter` is then how many were done."""
        done = token.notes["done"]
        if self.maximum is not None and done >= self.maximum:
            return False
        return self.condition is None or activity.decides(self.condition, token, "The loop condition", {COUNTER: done})

    def _start_round(self, activity: "Activity", token: Token) -> None:
        instance = token.scope.case.spawn(token.scope, activity, token)
        instance.owner = token.id
        instance.data = {COUNTER: token.notes["done"]}
        instance.arrive()
