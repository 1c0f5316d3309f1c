"""Deployments: what an upload holds, whether it may go in, which versions it makes; reading deployed definitions."""

from engine.repository.service import RepositoryService

__all__ = ["RepositoryService"]
