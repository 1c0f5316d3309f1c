"""The web application: pages and the command line over the engine."""

from webapp.app import create_app
from webapp.config import Config

__all__ = ["Config", "create_app"]
