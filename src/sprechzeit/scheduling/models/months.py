"""What was told about full months."""

from django.db import models
from django.db.models.functions import Now

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel
from sprechzeit.scheduling.models.calendars import Calendar


class MonthNotice(PracticeModel):
    """That a practitioner has 80 % of what the plan allows in a month, of which the practice is told once (PLAN-3).

    The database enters it with the appointment that did it (month_limits.sql). `practitioner`: the id of the member, or
    of a calendar of nobody; `calendar`: the one in which it happened; `month`: its first day.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="+")
    practitioner = models.UUIDField()
    month = models.DateField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("practice", "practitioner", "month", name="month_notice_once")]
