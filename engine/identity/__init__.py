"""People, their groups and roles."""

from engine.identity.service import IdentityService

__all__ = ["IdentityService"]
