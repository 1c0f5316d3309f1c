"""The running of the engine: what is due, what has failed, what goes out."""

from engine.management.service import ManagementService

__all__ = ["ManagementService"]
