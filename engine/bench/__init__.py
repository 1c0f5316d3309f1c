"""Owns what `comity bench` measures of the engine: its steps, and what they are held against. No page is in it."""
