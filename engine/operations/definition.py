"""Owns what an operation is: its name, help, typed inputs and outputs, error codes, and the function that does it."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from engine.types import Json

ValueType = Literal["text", "number", "boolean", "date", "date-time", "list", "context", "record"]
"""What an input or output holds. A function gets a date as `datetime.date`, a date-time as aware `datetime.datetime`,
a record as the context of its fields with `number`, `version` and `status`; all else as JSON has it."""

_TYPES: Final = frozenset(get_args(ValueType))
_NAME: Final = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")

REQUIRED: Final[Any] = object()
"""Stands in `Input.default` for an input that has to be given."""


@dataclass(frozen=True, slots=True)
class Input:
    """An input: `name` is that of the function's keyword argument, `help` a sentence for who draws the model.

    Without `default` it has to be given, and may not be null; with one it may be left out.
    """

    name: str
    type: ValueType
    help: str
    default: Json = REQUIRED

    @property
    def required(self) -> bool:
        """Say whether it has to be given."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Output:
    """An output: one entry of the mapping that the function returns. One that is left out is null."""

    name: str
    type: ValueType
    help: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A BPMN error that the operation may ask for by `OperationError`; `help` is a sentence on when it does.

    It tells who draws models what to catch. What the function raises is not held against it.
    """

    code: str
    help: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation. Raises `ValueError` where its parts do not fit one another.

    `run` of a pure one takes the inputs as keyword arguments; its result depends on them only. `run` of any other takes
    an `OperationCall` before them: it has an effect outside, is called outside of any transaction, and may be called
    again with the same key when the machine stopped, so it has to be able to tell. Both return a mapping with the
    outputs, or None.
    """

    name: str
    title: str
    help: str
    run: Callable[..., Mapping[str, Any] | None] = field(repr=False, compare=False)
    inputs: Sequence[Input] = ()
    outputs: Sequence[Output] = ()
    pure: bool = False
    errors: Sequence[ErrorCode] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of an operation: write lower-case words joined by '-' or '.'.")
        if not self.title.strip() or not self.help.strip():
            raise ValueError(f"The operation {self.name!r} needs a title and a sentence of help.")
        for kind, parts in (("input", self.inputs), ("output", self.outputs)):
            names = [part.name for part in parts]
            for part in parts:
                if not part.name.isidentifier() or part.type not in _TYPES or not part.help.strip():
                    raise ValueError(
                        f"The {kind} {part.name!r} of the operation {self.name!r} needs a name that is an identifier, "
                        f"a sentence of help, and one of the types {', '.join(sorted(_TYPES))}."
                    )
            if kind == "output" and any(part.type == "record" for part in parts):
                raise ValueError(
                    f"An output of the operation {self.name!r} is a record: a register is written by a task."
                )
            if len(set(names)) != len(names):
                raise ValueError(f"The operation {self.name!r} names an {kind} twice.")
        codes = [each.code for each in self.errors]
        if any(each.code != each.code.strip() or not each.code or not each.help.strip() for each in self.errors):
            raise ValueError(f"An error of the operation {self.name!r} needs a code and a sentence of help.")
        if len(set(codes)) != len(codes):
            raise ValueError(f"The operation {self.name!r} names an error twice.")
        try:
            inspect.signature(self.run).bind(
                *(() if self.pure else (None,)), **dict.fromkeys(each.name for each in self.inputs)
            )
        except TypeError as error:
            first = "" if self.pure else "the call and then "
            raise ValueError(
                f"The function of the operation {self.name!r} does not take {first}its inputs by name: {error}."
            ) from None

    def input(self, name: str) -> Input | None:
        """Return the input of this name, or None."""
        return next((each for each in self.inputs if each.name == name), None)


def operation(
    name: str,
    *,
    title: str,
    help: str,  # noqa: A002 - reads as what it is
    inputs: Sequence[Input] = (),
    outputs: Sequence[Output] = (),
    pure: bool = False,
    errors: Sequence[ErrorCode] = (),
) -> Callable[[Callable[..., Mapping[str, Any] | None]], Operation]:
    """Make an `Operation` of the function below; what stands in the function's place is the operation."""

    def made(run: Callable[..., Mapping[str, Any] | None]) -> Operation:
        return Operation(name, title, help, run, tuple(inputs), tuple(outputs), pure, tuple(errors))

    return made
