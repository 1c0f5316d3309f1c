"""Owns the writing of figures: of a case when it ends, sums of days that are over, all of it again from the log.

What the figures are is decided in engine.metrics; who may see them is not known here.
"""

from engine.measuring.days import DaySums, sum_days
from engine.measuring.ending import end_case
from engine.measuring.rebuilding import Rebuilt, rebuild

__all__ = ["DaySums", "Rebuilt", "end_case", "rebuild", "sum_days"]
