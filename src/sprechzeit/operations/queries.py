"""Reading one's personal backups (OPS-20)."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import run_as
from sprechzeit.operations.models import BackupPiece, PersonalBackup
from sprechzeit.operations.policy import visible_backups


def own_backups(actor: Actor) -> list[PersonalBackup]:
    """The newest first."""
    return list(visible_backups(actor).order_by("-asked_at"))


def waiting_backup(actor: Actor, backup_id: UUID) -> PersonalBackup | None:
    """One that is to be made, with who asked for it; None for one that is made, failed or gone."""
    waiting = visible_backups(actor).filter(pk=backup_id, made_at=None, failed_at=None)
    return waiting.select_related("member__user").first()


def pieces_of(actor: Actor, backup: PersonalBackup) -> Iterator[bytes]:
    """What is kept of its archive, one piece at a time, each in a transaction of its own."""

    number = 1
    while (content := run_as(actor, partial(_piece, actor, backup, number))) is not None:
        yield content
        number += 1


def _piece(actor: Actor, backup: PersonalBackup, number: int) -> bytes | None:
    kept = BackupPiece.objects.filter(practice_id__in=actor.practices, backup=backup, number=number)
    content = kept.values_list("content", flat=True).first()
    return None if content is None else bytes(content)
