"""Demo content: loads made-up people, records and cases into an empty database, wholly or not at all."""

from webapp.demo.building import build
from webapp.demo.loading import PASSWORD, HalfLoaded, load

__all__ = ["PASSWORD", "HalfLoaded", "build", "load"]
