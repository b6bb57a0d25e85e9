"""Link and TAN of consultations that are held here: derived, so that nothing secret is kept (decision 4)."""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sprechzeit.core.crypto import derived, link_token

TAN_DIGITS = 6
# Link and TAN are valid from so long before an appointment begins until so long after it ends (VID-4).
OPENS_BEFORE, CLOSES_AFTER = timedelta(minutes=30), timedelta(minutes=60)


def link_of(video_id: UUID) -> str:
    """The secret part of a consultation's join link: 256 bits."""
    return link_token("video", video_id)


def tan_of(video_id: UUID) -> str:
    """The TAN that a patient types at the link: six digits, which open nothing without the link (VID-3)."""
    digest = hmac.new(derived("video-tan"), video_id.bytes, hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**TAN_DIGITS).zfill(TAN_DIGITS)


def is_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether one may join, of an appointment from `starts_at` to `ends_at` (aware; VID-4)."""
    return starts_at - OPENS_BEFORE <= now <= ends_at + CLOSES_AFTER
