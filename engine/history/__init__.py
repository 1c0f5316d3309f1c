"""Cases as people look back at them, and the exported log."""

from engine.history.service import HistoryService

__all__ = ["HistoryService"]
