"""When patients are reminded (NOT-4)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.messages.models.messages import Message
from sprechzeit.messages.template_events import Channel
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel
from sprechzeit.scheduling.models import AppointmentType

MOST_HOURS = 60 * 24


class Reminder(PracticeModel):
    """A reminder, so many hours before each appointment: of one type, else of every type that has none of its own.

    Hours are elapsed ones: over a change of the clock 24 hours are 24 hours. `counts_from`: what was due before was not
    asked for, and is not sent.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    type = PracticeForeignKey(AppointmentType, models.CASCADE, null=True, related_name="+")
    hours_before = models.PositiveSmallIntegerField(
        _("Hours before"), validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)]
    )
    channel = models.CharField(
        _("By"),
        max_length=8,
        choices=[(one.value, one.label) for one in Message.WAYS],
        default=Channel.EMAIL,
    )
    is_on = models.BooleanField(default=True)
    counts_from = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "messages_reminder"
        constraints = [
            models.UniqueConstraint(
                "practice", "type", "hours_before", "channel", name="reminder_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(hours_before__range=(1, MOST_HOURS)), name="reminder_hours"),
            models.CheckConstraint(condition=Q(channel__in=("email", "sms")), name="reminder_channel"),
        ]
