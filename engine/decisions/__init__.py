"""Owns decisions: DMN files in, decisions that can be evaluated out (DMN 1.5); it knows no process and no database."""

from engine.decisions.model import Decision, DecisionModel
from engine.decisions.reader import parse
from engine.decisions.result import MODES, DecisionResult

__all__ = ["MODES", "Decision", "DecisionModel", "DecisionResult", "parse"]
