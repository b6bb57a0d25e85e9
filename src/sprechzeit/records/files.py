"""Files of documents: each sealed with a key of its own, in `<data>/documents/<practice>/<document>` (DOC-3, PRI-1).

A file is on the disk, whole, before the row that names it is committed; so a crash leaves a file that nobody names,
never a row without its file. What nobody names is removed by a job.
"""

import contextlib
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from sprechzeit.core.crypto import DataKey, Unreadable
from sprechzeit.records.errors import DocumentFileMissing, NoRoomForDocument

FOLDER = "documents"
CONTENT, PREVIEW = "content", "preview"
SUFFIXES = {CONTENT: "", PREVIEW: ".preview"}
# A file of a form that is being sent has no row yet; half of one has no name yet.
YOUNG = 24 * 60 * 60  # seconds


def new_secret() -> str:
    """The key of one document's files, as its row keeps it."""
    return os.urandom(32).hex()


def write_file(practice_id: UUID, document_id: UUID, part: str, secret: str, plain: bytes) -> None:
    """Seal a part of a document and put it in its place. Raises `NoRoomForDocument`; then nothing of it is there."""
    file = _file(practice_id, document_id, part)
    half = file.with_name(f".{file.name}.part")
    try:
        file.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(_key(document_id, secret).seal(plain, _identity(document_id, part)))
            out.flush()
            os.fsync(out.fileno())
        half.rename(file)
        _sync(file.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        raise NoRoomForDocument from error


def read_file(practice_id: UUID, document_id: UUID, part: str, secret: str) -> bytes:
    """A part of a document in the clear. Raises `DocumentFileMissing`, also where it does not open."""
    try:
        sealed = _file(practice_id, document_id, part).read_bytes()
        return _key(document_id, secret).open(sealed, _identity(document_id, part))
    except (OSError, Unreadable) as error:
        raise DocumentFileMissing from error


def remove_files(practice_id: UUID, document_id: UUID) -> None:
    """Remove what there is of a document that will never have a row."""
    for part in SUFFIXES:
        with contextlib.suppress(OSError):
            _file(practice_id, document_id, part).unlink(missing_ok=True)


def old_files(practice_id: UUID) -> Iterator[tuple[Path, UUID | None]]:
    """Files that have lain there for a day, with the id of the document whose they are; None for half of a file."""
    folder = Path(settings.DATA_DIR) / FOLDER / str(practice_id)
    for file in folder.glob("*") if folder.is_dir() else ():
        if time.time() - file.lstat().st_mtime > YOUNG:
            yield file, _document_of(file)


def unnamed(files: Collection[tuple[Path, UUID | None]], known: Collection[UUID]) -> list[Path]:
    """Those of no document that there is."""
    return [file for file, document_id in files if document_id not in known]


def _document_of(file: Path) -> UUID | None:
    try:
        return UUID(file.name.partition(".")[0])
    except ValueError:
        return None


def _file(practice_id: UUID, document_id: UUID, part: str) -> Path:
    return Path(settings.DATA_DIR) / FOLDER / str(practice_id) / f"{document_id}{SUFFIXES[part]}"


def _key(document_id: UUID, secret: str) -> DataKey:
    return DataKey(document_id, bytes.fromhex(secret))


def _identity(document_id: UUID, part: str) -> str:
    """What binds a file to its row, and not to a patient: records are merged."""
    return f"records_document.{part}:{document_id}"


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
