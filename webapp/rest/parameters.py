"""Owns reading parameters of requests: what is not known here is refused by name, nothing is passed over."""

from collections.abc import Collection, Mapping

from engine.errors import InputRefused


def only(given: Mapping[str, object], known: Collection[str]) -> None:
    """Raise `InputRefused` that names what is given and not known."""
    if strange := sorted(set(given) - set(known)):
        raise InputRefused({name: ["It is not understood here: leave it out."] for name in strange})


def number(given: Mapping[str, str], name: str, otherwise: int) -> int:
    """Return the whole number from 0 on that is given under `name`; raise `InputRefused` for another text."""
    text = given.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputRefused({name: ["Give a whole number from 0 on."]})
    return int(text)
