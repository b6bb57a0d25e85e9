"""The digest that a signature fixes: who can change the database cannot make one that holds (DOC-2)."""

import hashlib
import hmac

from sprechzeit.core.crypto import derived
from sprechzeit.records.models import Signature


def digest_of(signature: Signature, text: str) -> bytes:
    """Of the note, its text, who signed and when; keyed, since a short text could be guessed from a plain one."""
    facts = (
        str(signature.note_id),
        str(signature.version_id),
        signature.signed_by,
        str(signature.signed_at.timestamp()),
        text,
    )
    return hmac.new(derived("signature of a note"), "\x1f".join(facts).encode(), hashlib.sha256).digest()


def holds(signature: Signature, text: str) -> bool:
    """Whether text, author and moment are what was signed."""
    return hmac.compare_digest(bytes(signature.digest), digest_of(signature, text))
