"""When a consultation's link is good (VID-4). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sprechzeit.scheduling.video_links import CLOSES_AFTER, OPENS_BEFORE

NOTICE = timedelta(minutes=10)
"""So long before the end of a link's time who talks is told of it."""
GOES_ON = timedelta(hours=3)
"""So long after that a relay still serves a call that goes on."""


@dataclass(frozen=True, slots=True)
class Opening:
    """From when until when, both moments included."""

    opens_at: datetime
    closes_at: datetime

    def is_early(self, now: datetime) -> bool:
        """Whether it is not good yet."""
        return now < self.opens_at

    def is_over(self, now: datetime) -> bool:
        """Whether it is good no more."""
        return now > self.closes_at

    def is_closing(self, now: datetime) -> bool:
        """Whether it will not be good much longer, or is not any more."""
        return now >= self.closes_at - NOTICE


def opening_of(starts_at: datetime, ends_at: datetime) -> Opening:
    """From 30 minutes before the appointment begins until 60 after it ends."""
    return Opening(starts_at - OPENS_BEFORE, ends_at + CLOSES_AFTER)
