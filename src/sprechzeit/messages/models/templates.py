"""The practice's own texts of messages (NOT-2)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.messages.template_events import Channel
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel
from sprechzeit.scheduling.models import AppointmentType

MOST_SUBJECT, MOST_TEXT = 200, 5000


class MessageTemplate(PracticeModel):
    """What the practice says of one event, by one channel, in one language: of all appointments, or those of one type.

    `event`: of `template_events.EVENTS`. `subject`: of an e-mail, or the title of a calendar entry. Both with
    placeholders; in words that somebody typed, which nothing reads as a template or as markup (NOT-3).
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    event = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=2)
    type = PracticeForeignKey(AppointmentType, models.CASCADE, null=True, related_name="+")
    subject = models.CharField(max_length=MOST_SUBJECT, blank=True)
    text = models.TextField(max_length=MOST_TEXT, blank=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "messages_messagetemplate"
        constraints = [
            models.UniqueConstraint(
                "practice", "event", "channel", "language", "type",
                name="message_template_once", nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="message_template_channel"),
            # It becomes a header of a mail: a second line would be another header.
            models.CheckConstraint(condition=~Q(subject__regex=r"[\n\r]"), name="message_template_subject_one_line"),
        ]  # fmt: skip
