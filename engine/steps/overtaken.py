"""Owns the signal that an automatic step is not needed any more; services never let it out."""


class Overtaken(Exception):
    """Somebody else did it first, or the case does not wait for it any more: nothing is to be done."""
