"""Owns the tasks that run by themselves (BPMN 2.0.2, 10.3.3): manual, script, business rule, send, receive."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.catching import DECISION_FAILED, SCRIPT_FAILED
from engine.bpmn.specs.gateways import race_won
from engine.bpmn.specs.sending import Sending
from engine.bpmn.specs.triggers import MessageTrigger
from engine.errors import StepFailed
from engine.json_data import NotData, checked
from engine.scripting import Script
from engine.types import Json, RecordRef

if TYPE_CHECKING:
    from engine.decisions import Decision


class ManualTask(Activity):
    """Work done without the engine: the case passes and the log says so (13.3.3: never executed by an IT system)."""


class ScriptTask(Activity):
    """Runs a script in the sandbox; the names that it assigns at its top level become variables."""

    fails_as = SCRIPT_FAILED

    def __init__(self, *args: Any, script: Script, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.script = script

    def perform(self, token: Token) -> None:
        """Run the script on the variables it names; records come as contexts. Raises `StepFailed`."""
        case, variables = token.scope.case, Variables(token)
        inputs: dict[str, Json] = {}
        for name in sorted(self.script.reads | self.script.assigns):
            value = variables.get(name)
            ref = RecordRef.from_json(value)
            if ref is not None and name in self.script.assigns:
                raise StepFailed(f"{name!r} holds a record; the script has to give its result another name.")
            if name in self.script.reads and name in variables:
                inputs[name] = value if ref is None else dict(case.records.body(ref))
        variables.set(self.script.run(inputs, now=case.context.now), read=self.script.reads)


class RuleTask(Activity):
    """Asks a decision; the result goes under the result variable. Without one it is dropped, as Camunda does."""

    fails_as = DECISION_FAILED

    def __init__(
        self, *args: Any, decision: "Decision", key: str, variable: str | None, mode: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.decision, self.key, self.variable, self.mode = decision, key, variable, mode

    def perform(self, token: Token) -> None:
        """Evaluate the decision. Raises `StepFailed`."""
        variables = Variables(token)
        result = self.decision.evaluate(variables.view(), now=token.scope.case.context.now)
        if self.variable is None:
            return
        try:
            value = checked(result.mapped(self.mode), self.variable)
        except NotData as error:
            raise StepFailed(str(error)) from error
        variables.set({self.variable: value}, read=self.decision.names)

    def interface(self) -> str | None:
        """Return the decision."""
        return f"decision:{self.key}"


class SendTask(Activity):
    """Sends a message and goes on."""

    def __init__(self, *args: Any, sending: Sending, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sending = sending

    def perform(self, token: Token) -> None:
        """Send the message. Raises `StepFailed`."""
        self.sending.send(self, token)

    def interface(self) -> str | None:
        """Return the message."""
        return self.sending.interface


class ReceiveTask(Activity):
    """Waits for a message; after an event-based gateway it races with other events."""

    def __init__(self, *args: Any, trigger: MessageTrigger, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trigger = trigger

    def activate(self, token: Token) -> None:
        """Wait."""
        self.trigger.wait(self, token)

    def occur(self, token: Token) -> None:
        """Go on: the message is here; if there is a race, it is won."""
        race_won(token)
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def shows(self, token: Token) -> bool:
        """Show a task that races only when it has won."""
        return super().shows(token) if self.has_instances else token.owner is None

    def interface(self) -> str | None:
        """Return the message."""
        return self.trigger.interface
