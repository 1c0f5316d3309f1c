"""Owns the built-in functions of FEEL (DMN 1.5, 10.3.4), one module per topic; importing it registers them all."""

from engine.feel.builtins import aggregates, contexts, conversions, dates, lists, numbers, patterns, ranges, strings

__all__ = ["aggregates", "contexts", "conversions", "dates", "lists", "numbers", "patterns", "ranges", "strings"]
