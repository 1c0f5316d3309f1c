"""Owns service tasks (BPMN 2.0.2, 10.3.3): a pure operation runs in the step, any other is waited for.

What an operation gives is local to the task: output parameters pick from it, and the result variable takes all of it.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.catching import OPERATION_FAILED, catch_failure, throw_error
from engine.bpmn.specs.instances import instances
from engine.bpmn.specs.mapping import BROUGHT, RESULT
from engine.errors import StepFailed
from engine.json_data import NotData, checked
from engine.operations import Done, Operation, OperationError, Outcome, Raised
from engine.operations.pure import call_pure
from engine.operations.values import accepted, as_arguments, from_text, result_of
from engine.types import Json, PendingOperation

_OPERATION: Final = "operation"


class ServiceTask(Activity):
    """Has an operation done. `retries` are the seconds after which a call that failed is tried again."""

    fails_as: ClassVar[str | None] = OPERATION_FAILED

    def __init__(
        self, *args: Any, operation: str, variable: str | None, retries: tuple[float, ...], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.operation, self.variable, self.retries = operation, variable, retries

    def perform(self, token: Token) -> None:
        """Run the operation if it is pure, else wait for it. Raises `StepFailed`."""
        operation = token.scope.case.context.operations.get(self.operation)
        if operation is None:
            raise StepFailed(
                f"There is no operation {self.operation!r} here. Install the package that brings it, or register it."
            )
        inputs = self._given(token, operation)
        if operation.pure:
            self._run_pure(token, operation, inputs)
        else:
            token.notes[_OPERATION] = {"name": self.operation, "inputs": inputs}

    def _run(self, my_task: Token) -> bool | None:
        done = super()._run(my_task)
        return None if done and _OPERATION in my_task.notes else done

    def pending(self, token: Token) -> PendingOperation | None:
        """Return the operation that `token` waits for, None when it waits for none."""
        noted = token.notes.get(_OPERATION)
        if noted is None:
            return None
        return PendingOperation(
            str(token.id),
            self.process_key,
            self.name,
            self.label,
            noted["name"],
            noted["inputs"],
            self.retries,
            instances(token),
        )

    def finish(self, token: Token, outcome: Outcome) -> None:
        """Go on with what came of the operation. Raises `StepFailed` for what no event catches."""
        if isinstance(outcome, Done):
            del token.notes[_OPERATION]
            self._keep(token, outcome.result)
            token.complete()
        elif not (isinstance(outcome, Raised) and throw_error(token, outcome.code, outcome.message)):
            error = _uncaught(self.operation, outcome) if isinstance(outcome, Raised) else StepFailed(outcome.reason)
            if not catch_failure(token, OPERATION_FAILED, error):
                raise error

    def interface(self) -> str | None:
        """Return the operation."""
        return f"operation:{self.operation}"

    def _given(self, token: Token, operation: Operation) -> dict[str, Json]:
        """Return the inputs as JSON: plain texts as the type asks, records with their bodies."""
        given: dict[str, Json] = {}
        for parameter in self.mappings.inputs if self.mappings is not None else ():
            declared = operation.input(parameter.name)
            value = token.data[parameter.name]
            if declared is not None and parameter.literal is not None:
                value = from_text(parameter.literal, declared.type)
            given[parameter.name] = value
        inputs = token.scope.case.records.resolved(accepted(operation, given))
        try:
            found: dict[str, Json] = checked(inputs, "The inputs")
        except NotData as error:
            raise StepFailed(str(error)) from error
        return found

    def _run_pure(self, token: Token, operation: Operation, inputs: dict[str, Json]) -> None:
        try:
            returned = call_pure(operation, as_arguments(operation, inputs))
        except OperationError as error:
            if not throw_error(token, error.code, error.message):
                raise _uncaught(self.operation, Raised(error.code, error.message)) from error
            return
        except StepFailed:
            raise
        except Exception as error:
            raise StepFailed(f"The operation {self.operation!r} failed: {type(error).__name__}: {error}") from error
        self._keep(token, result_of(operation, returned))

    def _keep(self, token: Token, result: Mapping[str, Json]) -> None:
        """Keep what the operation gave: for the output parameters, as a whole, and as what an instance brings."""
        if self.variable is not None:
            Variables(token, around=True).set({self.variable: dict(result)})
        if self.mappings is not None and self.mappings.outputs:
            token.notes[RESULT] = dict(result)
        elif self.collects(token):
            token.notes[BROUGHT] = dict(result)


def _uncaught(operation: str, raised: Raised) -> StepFailed:
    return StepFailed(
        f"The operation {operation!r} ended with the error {raised.code!r}, which no event catches: {raised.message} "
        "Draw a boundary event for the error on the task."
    )
