"""The kinds of step that a case takes, one module each, and what becomes of those that cannot run.

Services set them off.
"""
