"""Owns what is shown of the news of a case: what happened since somebody looked at it last."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaseNews:
    """What is new in a case: records with the status each got last, how many comments, and whether it ended."""

    records: Sequence[tuple[str, str]] = ()
    """number of the record, and its status"""
    comments: int = 0
    ended: bool = False
