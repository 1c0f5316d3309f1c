"""Owns where the interface for modelers lies."""

from typing import Final

PREFIX: Final = "/engine-rest"
"""The path of Camunda 7's interface wherever it is served: people know it, and modelers offer it."""
