"""Messages to people, and what became of them (NOT-1, NOT-5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.messages.template_events import Channel
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeSealedText
from sprechzeit.scheduling.models import Appointment


class Message(PracticeModel):
    """One message about an appointment to one recipient: waiting, sent, failed for good, or withdrawn.

    `sequence`: of the appointment, as the message tells it; of what brings a link by itself, which of these it is.
    Withdrawn: what it tells was over before it could be sent, or it is not to be sent; `error` says why it was not, as
    a code (outcomes.py). `next_at`: when it is tried again. `address`: of an e-mail, or a phone number in E.164.
    `hours_before`: of a reminder, how long before the appointment it was meant to go; `starts_at`: the begin of which
    it reminds (NOT-4). `waits_for_link`: it is held back until there is a link to the video call, or the practice waits
    no longer (PUSH-8). `link_id`: the link that it brought; None if it brought none.
    """

    PERSONAL_DATA = "Address or phone number, subject and text of what was sent."
    RETENTION = "message"

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booking confirmation")
        MOVED = "moved", _("New time")
        CANCELLED = "cancelled", _("Cancellation")
        NEW_BOOKING = "new_booking", _("New online booking, to the practitioner")
        REMINDER = "reminder", _("Reminder")
        VIDEO_LINK = "video_link", _("Link to the video call")

    # What the practice's own people get; everything else goes to the patient.
    TO_STAFF = (Kind.NEW_BOOKING,)
    # An appointment is booked once; it may be moved and cancelled often.
    ONCE = (Kind.BOOKED, Kind.NEW_BOOKING)
    WAYS = (Channel.EMAIL, Channel.SMS)
    # `error` of what waited when a backup was made: a restore sends nothing by itself.
    RESTORED = "restored"

    appointment = PracticeForeignKey(Appointment, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    sequence = models.PositiveIntegerField(default=0)
    channel = models.CharField(
        max_length=8, choices=[(one.value, one.label) for one in WAYS], default=Channel.EMAIL, db_default="email"
    )
    hours_before = models.PositiveSmallIntegerField(default=0, db_default=0)
    starts_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250, blank=True)
    text = PracticeSealedText(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    waits_for_link = models.BooleanField(default=False, db_default=False)
    link_id = models.UUIDField(null=True)
    error = models.CharField(max_length=250, blank=True)

    @property
    def is_to_staff(self) -> bool:
        """Whether it goes to somebody of the practice."""
        return self.kind in self.TO_STAFF

    @property
    def was_put_away(self) -> bool:
        """Whether a restore kept it from being sent, not a mail server."""
        return self.error == self.RESTORED

    class Meta:
        db_table = "messages_message"
        constraints = [
            models.UniqueConstraint(
                "appointment", "kind", "sequence", "channel", "hours_before", name="message_once"
            ),
            # Cancelled and restored, or moved there and back, it is the same time, of which one reminder is enough.
            models.UniqueConstraint(
                "appointment", "starts_at", "channel", "hours_before", name="message_reminds_once",
                condition=Q(kind="reminder"),
            ),
            models.CheckConstraint(condition=Q(channel__in=("email", "sms")), name="message_channel"),
            models.CheckConstraint(
                condition=Q(kind="reminder", hours_before__gt=0, starts_at__isnull=False)
                | (~Q(kind="reminder") & Q(hours_before=0, starts_at=None)),
                name="message_of_reminder",
            ),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="sent_or_failed"),
        ]  # fmt: skip
        indexes = [
            models.Index("practice", "failed_at", name="message_failed", condition=Q(failed_at__isnull=False)),
        ]
