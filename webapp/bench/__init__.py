"""Owns `comity bench` above the engine: pages, an empty page to hold them against, and the report."""
