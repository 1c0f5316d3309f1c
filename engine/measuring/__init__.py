"""Owns the writing of figures: of a case when it ends, sums of days, all of it again from the log.

What the figures are is decided in engine.metrics; who may see them is not known here.
"""

from engine.measuring.days import DaySums, sum_days
from engine.measuring.ending import end_case
from engine.measuring.rebuilding import Rebuilt, rebuild
from engine.measuring.recomputing import Recomputing

__all__ = ["DaySums", "Rebuilt", "Recomputing", "end_case", "rebuild", "sum_days"]
