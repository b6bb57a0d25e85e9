"""Making a personal backup: read in one transaction of one moment, sealed at once, kept in pieces (OPS-20)."""

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, cast
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import translation

from sprechzeit.access.actor import Actor, system
from sprechzeit.audit.sealing import seal_log
from sprechzeit.core.acting import acting, run_as
from sprechzeit.operations.actions import PIECE, Archive, keep_piece, note_backup_failed, note_backup_made
from sprechzeit.operations.backup.archive import FRAME
from sprechzeit.operations.backup.sealed import Sealing
from sprechzeit.operations.models import PersonalBackup
from sprechzeit.operations.personal.archive import Counts, write_archive
from sprechzeit.operations.personal.dump import write_dump
from sprechzeit.operations.policy import may_back_up, rights_of, sees_everything
from sprechzeit.operations.queries import waiting_backup
from sprechzeit.practice.visitors import actor_of

_log = logging.getLogger(__name__)
EVERY_SECONDS = 2.0


def make_personal_backup(practice_id: UUID, backup_id: UUID) -> None:
    """Make what somebody asked for, as the member that they are now; or note that it failed."""
    program = system(practice_id)
    backup = run_as(program, partial(waiting_backup, program, backup_id))
    if backup is None:
        return
    try:
        made = _made(program, backup)
    except Exception:
        _log.exception("a personal backup could not be made")
        made = None
    if made is None:
        run_as(program, partial(note_backup_failed, program, backup_id))
    else:
        run_as(program, partial(note_backup_made, program, backup_id, made))
    cache.delete(_key(backup_id))


def progress_of(backup_id: UUID) -> int:
    """How much of one that is being made is done, of 100."""
    return int(cache.get(_key(backup_id), 0))


def _made(program: Actor, backup: PersonalBackup) -> Archive | None:
    """None for who works there no more."""
    actor = run_as(program, lambda: actor_of(backup.member.user, str(backup.practice_id)))
    if actor is None or not may_back_up(actor):
        return None
    with tempfile.TemporaryFile(dir=settings.DATA_DIR) as spool:
        sealed = Sealed(cast(IO[bytes], spool))
        with translation.override(backup.language), _Progress(backup.pk) as progress:
            counts = _written(actor, cast(IO[bytes], sealed), progress)
        sealed.finish()
        spool.seek(0)
        for number, piece in enumerate(iter(partial(spool.read, PIECE), b""), start=1):
            run_as(program, partial(keep_piece, program, backup.pk, number, piece))
    return Archive(rights_of(actor), sees_everything(actor), sealed.size, counts.patients, counts.appointments)


def _written(actor: Actor, out: IO[bytes], progress: "_Progress") -> Counts:
    if not sees_everything(actor):
        with one_moment(actor):
            return write_archive(actor, out, None, progress.tell)
    # What proves the log is in it too.
    seal_log(system(actor.practice_id))
    with one_moment(actor), tempfile.TemporaryFile(dir=settings.DATA_DIR) as dump:
        write_dump(actor, cast(IO[bytes], dump))
        dump.seek(0)
        return write_archive(actor, out, iter(partial(dump.read, FRAME), b""), progress.tell)


@contextmanager
def one_moment(actor: Actor) -> Iterator[None]:
    """Act as `actor` and see the database as it is now, however long it takes; nothing can be written."""
    if connection.in_atomic_block:
        with acting(actor):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        with acting(actor):
            yield


class Sealed:
    """What is written to it goes sealed to `out`: nothing of it is ever on a disk in the clear."""

    def __init__(self, out: IO[bytes]) -> None:
        self._sealing = Sealing(out, settings.MASTER_KEY)
        self.size = 0

    def write(self, plain: Any) -> int:
        """Seal some more."""
        data = bytes(plain)
        self._sealing.write(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Chunks are sealed when they are full."""

    def finish(self) -> None:
        """Seal the end."""
        self._sealing.finish()


class _Progress:
    """Tells how far it is, beside the transaction that reads: what is written in there nobody would see."""

    def __init__(self, backup_id: UUID) -> None:
        self._key, self._part, self._is_over = _key(backup_id), 0.0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "_Progress":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def tell(self, part: float) -> None:
        """Of 1."""
        self._part = part

    def _run(self) -> None:
        try:
            while not self._is_over.wait(EVERY_SECONDS):
                cache.set(self._key, int(self._part * 100), timeout=3600)
        finally:
            connection.close()


def _key(backup_id: UUID) -> str:
    return f"operations.backup.{backup_id}"
