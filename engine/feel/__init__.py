"""Owns FEEL, the expression language of the product (DMN 1.5, chapter 10).

Conditions, decision cells, mappings, forms, timers.

Evaluation is bounded in steps and sizes, reads no clock, file or network, and has no side effects. Nothing here knows
processes, forms or a database.
"""

from engine.errors import BudgetSpent, ExpressionRefused
from engine.feel.expression import Expression, UnaryTests, parse, parse_unary_tests, text_or_expression
from engine.feel.instants import duration, duration_parts, to_instant
from engine.feel.juel import is_expression, to_feel

__all__ = [
    "BudgetSpent",
    "Expression",
    "ExpressionRefused",
    "UnaryTests",
    "duration",
    "duration_parts",
    "is_expression",
    "parse",
    "parse_unary_tests",
    "text_or_expression",
    "to_feel",
    "to_instant",
]
