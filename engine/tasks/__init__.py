"""User tasks: worklists, pages, who has them, completing them."""

from engine.tasks.service import TaskService

__all__ = ["TaskService"]
