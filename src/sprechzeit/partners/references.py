"""What a partner calls a thing of the practice: a reference of its own, never the id (architecture §9).

Made from the id with a key that only the installation has, one for each partner and kind (AES-SIV, RFC 5297, which
gives the same for the same). So nothing need be kept; two partners cannot compare what they call a patient; and what
nobody handed out is recognised without asking the database.
"""

import base64
import binascii
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from sprechzeit.core.crypto import derived
from sprechzeit.core.errors import NotFound

LENGTH = 43  # characters: 16 bytes of the id, 16 of the tag, in base64 without its padding


class Called(StrEnum):
    """The kinds of things that have a reference."""

    PRACTITIONER = "practitioner"
    CALENDAR = "calendar"
    ROOM = "room"
    TYPE = "type"
    PATIENT = "patient"
    HOLD = "hold"
    APPOINTMENT = "appointment"
    EVENT = "event"
    PAGE = "page"  # where a list of patients goes on: the last one's id


def reference_of(partner_id: UUID, kind: Called, thing: UUID) -> str:
    """What this partner calls a thing."""
    sealed = _key().encrypt(thing.bytes, _belongs(partner_id, kind))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def id_of(partner_id: UUID, kind: Called, reference: str) -> UUID:
    """The id that a reference stands for. Raises `NotFound` for one that this partner was never given."""
    if len(reference) != LENGTH:
        raise NotFound
    try:
        return UUID(bytes=_key().decrypt(base64.urlsafe_b64decode(reference + "="), _belongs(partner_id, kind)))
    except (InvalidTag, binascii.Error, ValueError):
        raise NotFound from None


def _key() -> AESSIV:
    return AESSIV(derived("partner-references"))


def _belongs(partner_id: UUID, kind: Called) -> list[bytes]:
    return [partner_id.bytes, kind.encode()]
