"""Owns evaluation from the outside: a compiled expression and a context in, a FEEL value out, within a budget.

Importing this module makes the whole language available: each imported module adds the nodes and functions that it
owns.
"""

from engine.errors import BudgetSpent
from engine.feel import calls, compiler, conformance, loops, operators, unary
from engine.feel.builtins import registry
from engine.feel.compiler import Environment, compile_node
from engine.feel.names import Names
from engine.feel.properties import PROPERTY_NAMES
from engine.feel.unary import compile_tests

BUILTIN_NAMES = Names([*registry.names(), *PROPERTY_NAMES])
"""The names of several words that every expression knows."""

TOO_DEEP = "An expression makes values or calls that are nested too deeply."


def too_deep() -> BudgetSpent:
    """Return the error for an evaluation that ran out of Python's stack."""
    return BudgetSpent(TOO_DEEP)


__all__ = [
    "BUILTIN_NAMES",
    "Environment",
    "calls",
    "compile_node",
    "compile_tests",
    "compiler",
    "conformance",
    "loops",
    "operators",
    "too_deep",
    "unary",
]
