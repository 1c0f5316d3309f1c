"""Owns the check of a sign-in name and a password: one answer for whatever is wrong, and wrong ones are counted.

Pages and the interface for modelers ask here, so that waits count for both. It begins no session.
"""

from typing import Final

from engine.identity.accounts import Account
from webapp import passwords
from webapp.client_place import client_place
from webapp.services import engine, sign_in_gate

REFUSED: Final = (
    "The name or the password is not right. After five wrong passwords from one place, right ones count only after a "
    "while: half a minute, then longer, up to 15 minutes."
)
"""One sentence for an unknown name, a wrong password, a closed account and a wait: nobody learns who has one."""


def check(name: str, password: str) -> Account | None:
    """Return the account when the password is right and it may be used now from this place, else None.

    Nobody learns which accounts exist: an unknown name, a wrong password, a closed account and one that waits look the
    same, and hash a password in any case; one that exists costs one short write more. Raises `TooManySignIns`.
    """
    with sign_in_gate().passing(client_place()):
        account = engine().identity.account(name)
        right = passwords.verify(account.password_hash if account else None, password)
    if account is None:
        return None
    if not engine().identity.note_try(account.id, client_place(), right=right and account.active):
        return None
    if account.password_hash and passwords.outdated(account.password_hash):
        fresh = passwords.hash_password(password)
        engine().identity.refresh_password_hash(account.id, account.password_hash, fresh)
    return account
