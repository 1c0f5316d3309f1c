"""Owns what operations come to in walks: each call gets the answer that the scenario has laid out for it, or fails."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.operations import Operation, OperationCall, OperationError
from engine.operations.mail import send_mail


class Answers:
    """Stands in for the operations that models call; nothing is sent."""

    def __init__(self) -> None:
        self.calls: list[Mapping[str, Any]] = []
        self._laid: dict[str, Mapping[str, Any]] = {}

    def operations(self) -> list[Operation]:
        """Return the product's operations with what they take and give, answering as they are told to."""
        return [self._standing_in(send_mail)]

    def lay(self, name: str, answer: Mapping[str, Any]) -> None:
        """Have the next call of the operation answered by `gives`, `error` (a code) or `fails` (a text)."""
        self._laid[name] = answer

    def _standing_in(self, real: Operation) -> Operation:
        def run(_call: OperationCall, **inputs: Any) -> Mapping[str, Any]:
            answer = self._laid.pop(real.name)
            self.calls.append(inputs)
            if "error" in answer:
                raise OperationError(answer["error"], "told by the scenario")
            if "fails" in answer:
                raise RuntimeError(answer["fails"])
            given: Mapping[str, Any] = answer["gives"]
            return given

        return replace(real, run=run)
