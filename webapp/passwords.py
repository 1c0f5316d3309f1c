"""Owns how passwords are hashed and checked (argon2id); it knows no accounts and no sessions."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
"""Characters; the upper bound keeps a hash from being a way to load the machine."""

_HASHER = PasswordHasher()
# What the password of an unknown name is checked against, so that the answer takes as long as for a known one.
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`, with its parameters and salt in it."""
    return _HASHER.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether `password` is the one that `password_hash` was made from.

    None and a damaged hash are False, after the same amount of work as a real one.
    """
    if len(password) > LONGEST:
        password = password[:LONGEST] + "\0"
    try:
        _HASHER.verify(password_hash or _NOBODY, password)
    except VerificationError:
        return False
    except InvalidHashError:
        return verify(None, password)
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Return whether `password_hash` was made with weaker parameters than are used now."""
    return _HASHER.check_needs_rehash(password_hash)


def faults(password: str, user_id: str) -> list[str]:
    """Return what keeps `password` from being a good one for `user_id`, as sentences; empty when nothing does."""
    found = []
    if len(password) < SHORTEST:
        found.append(f"Use at least {SHORTEST} characters; a few words in a row are fine.")
    if len(password) > LONGEST:
        found.append(f"Use at most {LONGEST} characters.")
    if user_id and user_id.lower() in password.lower():
        found.append("Do not use your own sign-in name in it.")
    return found
