"""Demo content: loads made-up people, records and cases into an empty database."""

from webapp.demo.loading import PASSWORD, load

__all__ = ["PASSWORD", "load"]
