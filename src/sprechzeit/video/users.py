"""By which id a practitioner is known to booking systems (PUSH-3)."""

from uuid import UUID

from sprechzeit.core.crypto import link_token

LENGTH = 22


def user_id_of(member_id: UUID) -> str:
    """Always the same for the same member, and says nothing else: 132 bits, derived (decision 4)."""
    return link_token("video-user", member_id)[:LENGTH]
