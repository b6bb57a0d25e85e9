"""Messages of the video side itself, to who comes to what a booking system pushed (VID-5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeSealedText
from sprechzeit.video.models.visits import Visit


class VisitMessage(PracticeModel):
    """One message about a pushed appointment: waiting, sent, failed for good, or withdrawn.

    `number`: counts them. `starts_at`, `ends_at`, `member`: when the appointment is and with whom, as the message
    tells it; by the last one that was sent it is known what somebody has not been told yet.
    """

    PERSONAL_DATA = "Address, subject and text of what was sent, with the link and the TAN."
    RETENTION = "video copy"

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Confirmation by the video side")
        MOVED = "moved", _("New time, by the video side")
        CANCELLED = "cancelled", _("Cancellation by the video side")

    # `error` of what waited when a backup was made: a restore sends nothing by itself.
    RESTORED = "restored"

    visit = PracticeForeignKey(Visit, models.CASCADE, related_name="messages")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    address = models.EmailField(max_length=254)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    member = PracticeForeignKey(Member, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=250, blank=True)
    text = PracticeSealedText(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "visit", "number", name="visit_message_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="visit_sent_or_failed"),
        ]
        indexes = [
            models.Index("practice", "failed_at", name="visit_message_failed", condition=Q(failed_at__isnull=False)),
        ]
