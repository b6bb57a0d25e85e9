"""When a backup is due, which are kept, and when the last good one is too old."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sprechzeit.operations.backup import SUFFIX

LATE_AFTER = timedelta(days=2)


def backups_in(folder: Path) -> list[Path]:
    """All that were made there, the newest first; a folder that is away has none."""
    return sorted(folder.glob(f"sprechzeit-*{SUFFIX}"), reverse=True)


def made_at(file: Path) -> datetime:
    """When a backup was made, by its name (`sprechzeit-20261122-023000-….szbackup`, UTC)."""
    return datetime.strptime("-".join(file.name.split("-")[1:3]), "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def last_made_at(folder: Path) -> datetime | None:
    """When the last good backup was made: what did not come to its end never gets a name."""
    return next((made_at(file) for file in backups_in(folder)), None)


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


def remove_old(folder: Path, keep: int) -> Sequence[Path]:
    """Remove all but the newest `keep`, with the heads beside them. Which they were."""
    old = backups_in(folder)[keep:]
    for file in old:
        file.unlink(missing_ok=True)
        file.with_suffix(".heads").unlink(missing_ok=True)
    return old
