"""Personal backups that wait to be taken (OPS-20)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel


class PersonalBackup(PracticeModel):
    """A backup that a member asked for of all that they can see: being made, ready for a day, or gone.

    `rights`: a digest of what the member could see when it was made; who can see less meanwhile does not get it.
    `is_whole`: an administrator's, which can be restored. `size`: of the archive in bytes.
    """

    PERSONAL_DATA = "Who asked for a backup, and when."
    RETENTION = "practice"

    member = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    rights = models.CharField(max_length=64, blank=True, default="")
    is_whole = models.BooleanField()
    language = models.CharField(max_length=2)
    asked_at = models.DateTimeField(db_default=Now())
    made_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True)
    patients = models.PositiveIntegerField(null=True)
    appointments = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            # Whoever asks twice has asked once.
            models.UniqueConstraint(
                "practice", "member", condition=Q(made_at=None, failed_at=None), name="one_backup_at_a_time"
            ),
            models.CheckConstraint(condition=Q(made_at=None) | Q(failed_at=None), name="backup_made_or_failed"),
            models.CheckConstraint(
                condition=Q(made_at=None, size=None) | Q(made_at__isnull=False, size__isnull=False),
                name="made_backup_has_a_size",
            ),
        ]
        indexes = [models.Index("practice", "member", "asked_at", name="personal_backup_by_member")]


class BackupPiece(PracticeModel):
    """A piece of a personal backup's archive while it waits: sealed, in order, for whichever machine hands it out."""

    PERSONAL_DATA = "All that somebody can see (sealed)."
    RETENTION = "day"

    backup = PracticeForeignKey(PersonalBackup, models.CASCADE, related_name="pieces", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("practice", "backup", "number", name="backup_piece_once")]
