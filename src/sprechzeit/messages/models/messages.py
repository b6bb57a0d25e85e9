"""Messages to people, and what became of them (NOT-1, NOT-5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeSealedText
from sprechzeit.scheduling.models import Appointment


class Message(PracticeModel):
    """One message about an appointment to one recipient: waiting, sent, failed for good, or withdrawn.

    `sequence`: of the appointment, as the message tells it. Withdrawn: what it tells was over before it could be sent.
    """

    PERSONAL_DATA = "Address, subject and text of what was sent."
    RETENTION = "appointment"

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booking confirmation")
        MOVED = "moved", _("New time")
        CANCELLED = "cancelled", _("Cancellation")
        NEW_BOOKING = "new_booking", _("New online booking, to the practitioner")

    # What the practice's own people get; everything else goes to the patient.
    TO_STAFF = (Kind.NEW_BOOKING,)
    # `error` of what waited when a backup was made: a restore sends nothing by itself.
    RESTORED = "restored"

    appointment = PracticeForeignKey(Appointment, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    sequence = models.PositiveIntegerField(default=0)
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250, blank=True)
    text = PracticeSealedText(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
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
            models.UniqueConstraint("appointment", "kind", "sequence", name="message_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="sent_or_failed"),
        ]
        indexes = [
            models.Index("practice", "failed_at", name="message_failed", condition=Q(failed_at__isnull=False)),
        ]
