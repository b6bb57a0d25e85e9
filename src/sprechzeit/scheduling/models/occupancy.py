"""Taken time."""

from django.db import models
from django.db.models import F, Q

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, Space
from sprechzeit.scheduling.models.calendars import Calendar


class Occupancy(PracticeModel):
    """The only thing that takes time: of a calendar, and of a space where one is needed. No personal data.

    `starts_at`, `ends_at` include the buffers. Two exclusion constraints and a trigger (migration) refuse an
    overlap under any concurrency; `actions/occupy.py` is the one writer (architecture §4, CAL-8).
    """

    PERSONAL_DATA = "None."
    RETENTION = "appointment"

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment"
        HOLD = "hold"
        BLOCK = "block"

    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    space = models.ForeignKey(Space, models.PROTECT, null=True, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    active = models.BooleanField(default=True)
    overbooked = models.BooleanField(default=False)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="occupancy_takes_time"),
            models.CheckConstraint(
                condition=Q(kind="hold", expires_at__isnull=False) | ~Q(kind="hold") & Q(expires_at=None),
                name="only_holds_expire",
            ),
        ]
        indexes = [
            models.Index("practice", "calendar", "ends_at", name="occupancy_of_calendar", condition=Q(active=True)),
            models.Index("space", "ends_at", name="occupancy_of_space", condition=Q(active=True)),
            # Every booking asks for expired holds: of these few, not of all that ever took time.
            models.Index("practice", "calendar", name="holds_of_calendar", condition=Q(active=True, kind="hold")),
            models.Index("space", name="holds_of_space", condition=Q(active=True, kind="hold")),
        ]
