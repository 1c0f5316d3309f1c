"""Owns the check of a sign-in name and a password: one answer for whatever is wrong, and wrong ones are counted.

Pages and the interface for modelers ask here, so that a lock counts for both. It begins no session.
"""

from engine.accounts import Account
from webapp import passwords
from webapp.services import engine, now


def check(name: str, password: str) -> Account | None:
    """Return the account when the password is right and it may be used now, else None.

    Nobody learns which accounts exist: an unknown name, a wrong password, a closed and a locked account look the same,
    and take the same time. After five wrong passwords in a row an account is locked for five minutes.
    """
    account = engine().identity.account(name)
    right = passwords.verify(account.password_hash if account else None, password)
    locked = account is not None and account.locked_until is not None and account.locked_until > now()
    if account is None or not right or locked or not account.active:
        if not right and not locked:
            engine().identity.note_failed_sign_in(name)
        return None
    engine().identity.note_sign_in(account.id)
    if account.password_hash and passwords.outdated(account.password_hash):
        fresh = passwords.hash_password(password)
        engine().identity.refresh_password_hash(account.id, account.password_hash, fresh)
    return account
