"""What a service task can do: operations, named Python functions with typed and documented inputs and outputs."""

from engine.operations.definition import ErrorCode, Input, Operation, Output, ValueType, operation
from engine.operations.meeting import OperationCall, OperationError
from engine.operations.outcome import Done, Failed, Outcome, Raised
from engine.operations.registry import GROUP, BrokenEntry, Operations

__all__ = [
    "GROUP",
    "BrokenEntry",
    "Done",
    "ErrorCode",
    "Failed",
    "Input",
    "Operation",
    "OperationCall",
    "OperationError",
    "Operations",
    "Outcome",
    "Output",
    "Raised",
    "ValueType",
    "operation",
]
