"""Owns script tasks: a Python subset in a sandbox of worker processes, JSON in, JSON out; it knows no case."""

from engine.scripting.first_reads import first_reads
from engine.scripting.script import Script, ScriptFailed

__all__ = ["Script", "ScriptFailed", "first_reads"]
