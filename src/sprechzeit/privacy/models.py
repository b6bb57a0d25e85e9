"""How long a practice keeps what, and what was deleted when that was over (PRI-21)."""

from django.db import models
from django.db.models import Q

from sprechzeit.practice.models import PracticeModel
from sprechzeit.privacy.periods import SET_BY_PRACTICE


def _within_bounds() -> Q:
    allowed = Q()
    for kind, bounds in SET_BY_PRACTICE.items():
        allowed |= Q(kind=str(kind), days__range=bounds)
    return allowed


class RetentionPeriod(PracticeModel):
    """For how many days a practice keeps one kind of data. Without one it is as the program says (periods.py)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    kind = models.CharField(max_length=20)
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "kind", name="retention_period_once"),
            models.CheckConstraint(condition=_within_bounds(), name="retention_period_allowed"),
        ]


class DeletionReport(PracticeModel):
    """How much was deleted on one day, of which kind, because its time was over; no names (PRI-20).

    `day`: by the practice's clock. `counts`: kind → how many, written with each deletion in its transaction.
    `ended_at`: None while it is going on, and where it was interrupted.
    """

    PERSONAL_DATA = "None: counts."
    RETENTION = "report"

    day = models.DateField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "day", name="deletion_report_once")]
