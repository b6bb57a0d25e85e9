"""The code that leads into a community: eight letters and digits that nobody mistakes for others."""

import secrets

from sprechzeit.core.crypto import pseudonym

# Without 0 and O, 1, I and L: 31 letters, so that eight of them are one of 852 thousand millions.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8


def new_code() -> str:
    """'K7MQ-4TXR'."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def hash_of(typed: str) -> bytes:
    """What a code is looked up by, however it was typed: in any case, with or without dash and spaces."""
    return pseudonym("community-code", "".join(one for one in typed.upper() if one.isalnum()))
