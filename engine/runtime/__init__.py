"""Cases that run: starting, reaching, cancelling and following them."""

from engine.runtime.service import RuntimeService

__all__ = ["RuntimeService"]
