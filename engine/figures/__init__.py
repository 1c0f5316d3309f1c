"""Figures of processes: read from the rows of ended cases and their daily sums, and put together; writes nothing.

Below the services: `engine.performance` shows what this package computes to those who may see it, evaluations keep it.
"""
