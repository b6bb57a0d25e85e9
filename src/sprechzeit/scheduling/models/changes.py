"""What was changed, to be undone."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel
from sprechzeit.scheduling.models.appointments import Appointment
from sprechzeit.scheduling.models.blocks import Block


class BookChange(PracticeModel):
    """What a member changed in the book, so that they can undo it (CAL-16).

    `before`, `after`: where the appointment or block stood and how: ids, UTC times, state. It is undone only while
    everything is still as `after` says.
    """

    PERSONAL_DATA = "None: ids and times."
    RETENTION = "day"

    class Kind(models.TextChoices):
        ENTERED = "entered"
        MOVED = "moved"
        CANCELLED = "cancelled"
        ATTENDED = "attended"
        RELOCATED = "relocated"

    member = PracticeForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    appointment = PracticeForeignKey(Appointment, models.CASCADE, null=True, related_name="+")
    block = PracticeForeignKey(Block, models.CASCADE, null=True, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, block=None) | Q(appointment=None, block__isnull=False),
                name="change_of_one_thing",
            )
        ]
        indexes = [models.Index("practice", "member", "made_at", name="change_by_member")]
