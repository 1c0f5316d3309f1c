"""Owns the signal that an automatic step is not needed any more; services never let it out."""


class Overtaken(Exception):  # noqa: N818 - it says what happened to the step
    """Somebody else did it first, or the case does not wait for it any more: nothing is to be done."""
