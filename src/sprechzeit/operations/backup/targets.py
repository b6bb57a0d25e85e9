"""Where backups are kept: a folder, or S3-compatible storage. What is written there counts when it has its name."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings

from sprechzeit.operations.backup.bucket import Bucket
from sprechzeit.operations.backup.folder import Folder


class Half(Protocol):
    """A backup that is being written."""

    out: IO[bytes]

    def finish(self, heads: str) -> tuple[str, int]:
        """All is written: give it its name, and the log's heads beside it. Where it lies, and its size in bytes."""
        ...


class Target(Protocol):
    """Where backups are kept. What stands in the way is told as `CannotRun`, or as an `OSError` for `trouble`."""

    def prepare(self) -> None:
        """See that something can be written, before anything is read."""
        ...

    def remove_halves(self) -> None:
        """Remove what killed processes left behind. Only while nobody else makes a backup."""
        ...

    def writing(self, name: str) -> AbstractContextManager[Half]:
        """Begin one; left without `finish`, nothing of it stays."""
        ...

    def names(self) -> Sequence[str]:
        """Of all backups that are there, the newest first."""
        ...

    def address(self, name: str) -> str:
        """How one is named to `sprechzeit restore`."""
        ...

    def remove(self, name: str) -> None:
        """Remove one, with the heads beside it."""
        ...

    def trouble(self, error: OSError) -> str:
        """What stands in the way, and what to do."""
        ...


def by_the_clock() -> Target | None:
    """Where the backups of every night go, by the settings: storage before a folder."""
    if settings.BACKUP_BUCKET is not None:
        bucket: Bucket = settings.BACKUP_BUCKET
        return bucket
    return Folder(Path(settings.BACKUP_FOLDER)) if settings.BACKUP_FOLDER else None


def made_at(name: str) -> datetime:
    """When a backup was made, by its name (`sprechzeit-20261122-023000-….szbackup`, UTC)."""
    return datetime.strptime("-".join(name.split("-")[1:3]), "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def moment_of(name: str) -> str:
    """The same, for people."""
    return f"{made_at(name):%Y-%m-%d %H:%M} UTC"
