"""Files of the data folder that belong to a backup beside the database: those of documents, and the log's heads."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from django.conf import settings

from sprechzeit.operations.backup.archive import FRAME
from sprechzeit.operations.errors import BackupUnreadable
from sprechzeit.operations.terminal import _

# Folders whose files are sealed already or say nothing about anybody. The heads come by heads.py.
FOLDERS = ("documents",)
HEADS = "log"


def kept_files(below: str = "") -> Iterator[tuple[str, Path]]:
    """Each file with its name in the backup. `below`: a folder in each of them, as that of a practice."""
    home = Path(settings.DATA_DIR)
    for folder in FOLDERS:
        for file in sorted((home / folder / below).rglob("*")):
            # What begins with a dot is being written: its row comes after it, so no row of this backup names it.
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                yield file.relative_to(home).as_posix(), file


def frames_of(file: Path) -> Iterator[bytes]:
    """What is in it, as much as is read at once."""
    with file.open("rb") as opened:
        while frame := opened.read(FRAME):
            yield frame


def put_file(home: Path, name: str, frames: Iterable[bytes]) -> bool:
    """Write a file of a backup below `home`; one that is there already stays as it is. Whether it was written."""
    path = PurePosixPath(name)
    if path.parts[0] not in (*FOLDERS, HEADS) or ".." in path.parts or len(path.parts) < 2:
        raise BackupUnreadable(_("The backup has a file “%(name)s”, which belongs to nothing.") % {"name": name})
    target = home / path
    if target.exists():
        return False
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.part")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for frame in frames:
            out.write(frame)
        out.flush()
        os.fsync(out.fileno())
    half.rename(target)
    return True
