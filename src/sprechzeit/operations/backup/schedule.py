"""When a backup is due, which are kept, and when the last good one is too old."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sprechzeit.operations.backup.targets import Target, made_at

LATE_AFTER = timedelta(days=2)


def last_made_at(target: Target) -> datetime | None:
    """When the last good backup was made: what did not come to its end never gets a name. Raises `CannotRun`."""
    return next((made_at(name) for name in target.names()), None)


def is_due(last: datetime | None, at: time, now: datetime, zone: ZoneInfo) -> bool:
    """Whether there is none since the last time that the clock showed `at` in `zone`. Missed, it is made up for."""
    local = now.astimezone(zone)
    since = datetime.combine(local.date(), at, zone)
    if since > local:
        since = datetime.combine(local.date() - timedelta(days=1), at, zone)
    return last is None or last < since


def is_late(last: datetime | None, now: datetime) -> bool:
    """Whether the last good backup is too old, or there is none."""
    return last is None or now - last > LATE_AFTER


def remove_old(target: Target, keep: int) -> Sequence[str]:
    """Remove all but the newest `keep`, with the heads beside them. Which they were."""
    old = target.names()[keep:]
    for name in old:
        target.remove(name)
    return old
