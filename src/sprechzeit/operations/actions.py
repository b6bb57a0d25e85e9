"""Personal backups: asked for, kept for a day, gone (OPS-20)."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.audit.queries import log_export
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.operations.events import BackupAsked
from sprechzeit.operations.models import BackupPiece, PersonalBackup
from sprechzeit.operations.policy import get_backup, may_back_up, rights_of, sees_everything, visible_backups
from sprechzeit.operations.refusals import BackupUnderWay

# How long an archive waits for who asked for it; how long it may take to make one; how long the list names it.
KEPT, LONGEST, NAMED = timedelta(days=1), timedelta(hours=12), timedelta(days=90)
PIECE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Archive:
    """What was made. `size`: in bytes."""

    rights: str
    is_whole: bool
    size: int
    patients: int
    appointments: int


@action
def ask_for_backup(actor: Actor) -> PersonalBackup:
    """Have one made of all that the actor can see; one at a time. Raises `BackupUnderWay`. OPS-20."""
    require(may_back_up(actor), NotAllowed)
    unfinished = visible_backups(actor).filter(made_at=None, failed_at=None)
    # One that nobody makes any more holds nobody up.
    unfinished.filter(asked_at__lt=timezone.now() - LONGEST).update(failed_at=timezone.now())
    # Two at once: the second waits for the first, and finds it.
    backup = PersonalBackup(
        practice_id=actor.practice_id,
        member_id=actor.identity,
        is_whole=sees_everything(actor),
        language=(get_language() or "de")[:2],
    )
    PersonalBackup.objects.bulk_create([backup], ignore_conflicts=True)
    require(visible_backups(actor).filter(pk=backup.pk).exists(), BackupUnderWay)
    publish(BackupAsked(actor.practice_id, backup.pk))
    return backup


@action
def remove_backup(actor: Actor, backup_id: UUID) -> None:
    """Delete one's archive before its day is over. That there was one stays in the list."""
    backup = get_backup(actor, backup_id)
    _remove(backup)


@action
def take_backup(actor: Actor, backup_id: UUID) -> PersonalBackup:
    """One's archive, to be handed out; that it leaves is logged first (AUD-2).

    Raises NotFound for one that is not ready or no more, and for who sees less, or other things, than when it was made.
    """
    backup = get_backup(actor, backup_id)
    ready = backup.made_at is not None and backup.removed_at is None and timezone.now() - backup.made_at < KEPT
    require(ready and backup.rights == rights_of(actor), NotFound)
    facts = {"form": "zip", "hits": backup.patients or 0}
    log_export(actor, actor.practice_id, PersonalBackup._meta.db_table, backup.pk, facts)
    return backup


@action
def keep_piece(actor: Actor, backup_id: UUID, number: int, content: bytes) -> None:
    """Keep the next piece of an archive that is being made; the first takes the place of all of a former attempt."""
    require(actor.role is Role.SYSTEM, NotAllowed)
    backup = get_backup(actor, backup_id)
    if number == 1:
        _delete_pieces(backup)
    BackupPiece.objects.create(practice_id=backup.practice_id, backup=backup, number=number, content=content)


@action
def note_backup_made(actor: Actor, backup_id: UUID, archive: Archive) -> None:
    """All of it is kept: it can be taken."""
    require(actor.role is Role.SYSTEM, NotAllowed)
    backup = get_backup(actor, backup_id)
    backup.rights, backup.is_whole, backup.size = archive.rights, archive.is_whole, archive.size
    backup.patients, backup.appointments, backup.made_at = archive.patients, archive.appointments, timezone.now()
    backup.save(update_fields=["rights", "is_whole", "size", "patients", "appointments", "made_at"])


@action
def note_backup_failed(actor: Actor, backup_id: UUID) -> None:
    """It could not be made; nothing of it stays, and another one may be asked for."""
    require(actor.role is Role.SYSTEM, NotAllowed)
    backup = get_backup(actor, backup_id)
    _delete_pieces(backup)
    backup.failed_at = timezone.now()
    backup.save(update_fields=["failed_at"])


@action
def forget_old_backups(actor: Actor) -> int:
    """Delete the archives whose day is over, and of the list what is long ago; how many archives it was."""
    now = timezone.now()
    over = list(visible_backups(actor).filter(made_at__lt=now - KEPT, removed_at=None))
    for one in over:
        _remove(one)
    visible_backups(actor).filter(asked_at__lt=now - NAMED).exclude(made_at=None, failed_at=None).delete()
    return len(over)


def _remove(backup: PersonalBackup) -> None:
    _delete_pieces(backup)
    if backup.removed_at is None and backup.made_at is not None:
        backup.removed_at = timezone.now()
        backup.save(update_fields=["removed_at"])


def _delete_pieces(backup: PersonalBackup) -> None:
    BackupPiece.objects.filter(practice_id=backup.practice_id, backup=backup).delete()
