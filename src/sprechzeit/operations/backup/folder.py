"""A folder of backups, best on another machine or disk."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sprechzeit.operations.backup import HEADS_SUFFIX, PART, SUFFIX
from sprechzeit.operations.terminal import _


@dataclass(frozen=True)
class Folder:
    """Backups as files."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def prepare(self) -> None:
        """Make it, if it is not there."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remove_halves(self) -> None:
        """What a killed process left behind; what is being written by another is locked."""
        for half in self.path.glob(f"sprechzeit-*{PART}"):
            with half.open("rb") as opened, contextlib.suppress(BlockingIOError):
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                half.unlink(missing_ok=True)

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator["HalfFile"]:
        """Under another name; it gets its own when all of it is on the disk."""
        half = HalfFile(self.path / name)
        try:
            with half.out:
                yield half
        finally:
            half.give_up()

    def names(self) -> Sequence[str]:
        """A folder that is away has none."""
        return sorted((file.name for file in self.path.glob(f"sprechzeit-*{SUFFIX}")), reverse=True)

    def address(self, name: str) -> str:
        """Its file."""
        return str(self.path / name)

    def remove(self, name: str) -> None:
        """With the heads beside it."""
        file = self.path / name
        file.unlink(missing_ok=True)
        file.with_suffix(HEADS_SUFFIX).unlink(missing_ok=True)

    def trouble(self, error: OSError) -> str:
        """No room, or no right to write."""
        facts = {"folder": self.path, "reason": error.strerror or str(error)}
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return (
                _("No backup was made: there is no room in %(folder)s (%(reason)s). Make room and try again.") % facts
            )
        return (
            _(
                "No backup was made: %(folder)s cannot be written (%(reason)s). Give the folder to the user that "
                "Sprechzeit runs as, or choose another."
            )
            % facts
        )


class HalfFile:
    """A file that is being written. `file`: what it becomes."""

    def __init__(self, file: Path) -> None:
        self._file, self._half, self._heads = file, file.with_suffix(PART), file.with_suffix(HEADS_SUFFIX)
        self._is_over = False
        self.out: IO[bytes] = os.fdopen(os.open(self._half, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        # Who finds this name without a lock on it knows that nobody is writing any more.
        fcntl.flock(self.out, fcntl.LOCK_EX)

    def finish(self, heads: str) -> tuple[str, int]:
        """Where it lies, and its size in bytes."""
        self.out.flush()
        os.fsync(self.out.fileno())
        # What proves the log lies beside it too: it can be read without the key.
        self._heads.write_text(heads)
        self._half.rename(self._file)
        self._is_over = True
        _sync_folder(self._file.parent)
        return str(self._file), self._file.stat().st_size

    def give_up(self) -> None:
        """Unless it is finished."""
        if not self._is_over:
            self._half.unlink(missing_ok=True)
            self._heads.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
