"""Evaluations of processes (A215 and its like): opened with their figures, judged in a case."""

from engine.evaluations.service import EvaluationService

__all__ = ["EvaluationService"]
