"""What a partner is told of its bookings (OTV-9)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Partner, PracticeForeignKey, PracticeModel, PracticeOneToOne
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar


class Feed(PracticeModel):
    """How many events a partner has. Whoever makes one holds the row until it is committed, so that numbers have no
    gap and come in the order in which they can be seen.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    partner = PracticeOneToOne(Partner, models.PROTECT, related_name="+")
    number = models.BigIntegerField()


class Event(PracticeModel):
    """One change of an appointment that a partner made, as the appointment stood after it.

    Written by the database at the end of the transaction that changed it (events.sql), one for each such transaction;
    never changed. `number` counts for each partner from 1. `by`: who changed it. `at`: when it was noted, `changed_at`:
    since when the appointment stands so, as the appointment itself has it. No name, no contact, no remark.
    """

    PERSONAL_DATA = "That somebody has an appointment, and when: by ids."
    RETENTION = "appointment"

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        RESTORED = "restored", _("Takes place after all")
        CHANGED = "changed", _("Changed")

    class By(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        PATIENT = "patient", _("Patient")
        PARTNER = "partner", _("Booking partner")

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CANCELLED = "cancelled", _("Cancelled")

    partner = PracticeForeignKey(Partner, models.PROTECT, related_name="events")
    number = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    by = models.CharField(max_length=10, choices=By.choices)
    at = models.DateTimeField(db_default=Now())
    appointment = PracticeForeignKey(Appointment, models.CASCADE, related_name="+")
    type = PracticeForeignKey(AppointmentType, models.PROTECT, related_name="+")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    sequence = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("partner", "number", name="event_number_once")]
        indexes = [
            models.Index("practice", "partner", "number", name="event_of_partner"),
            models.Index("practice", "appointment", "number", name="event_of_appointment"),
        ]


class Delivery(PracticeModel):
    """The sending of one event to the partner's address: waiting, sent, failed for good, or left out.

    `attempts`: calls that were made since it was to be sent, or sent again. `status`: of the last answer. `error`: why
    there was none, or why it was left out. `next_at`: when it is tried again.
    """

    PERSONAL_DATA = "None."
    RETENTION = "appointment"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Delivered")
        FAILED = "failed", _("Not delivered")
        LEFT_OUT = "left_out", _("Left out")

    class Why(models.TextChoices):
        LATER = "later", _("A later change of the appointment says all that this one did.")
        NO_ADDRESS = "no_address", _("The partner had no address for changes any more, or had ended.")
        PUT_ASIDE = "put_aside", _("You left it at that.")
        RESTORED = "restored", _("It was not sent, since the data was restored from a backup.")
        GONE = "gone", _("The partner said that the address is gone for good.")
        ADDRESS = "address", _("The address may not be called: it is none of a machine on the internet.")
        NAME = "name", _("The name of the address is not known.")
        CONNECTION = "connection", _("No connection could be made, or it broke off.")
        ENCRYPTION = "encryption", _("The certificate is not valid for the address.")
        TIMEOUT = "timeout", _("There was no answer within ten seconds.")
        PROTOCOL = "protocol", _("The answer broke off, or is no HTTP.")
        REDIRECT = "redirect", _("The partner named another address; that is not followed.")
        REFUSED = "refused", _("The partner did not take it.")

    event = PracticeOneToOne(Event, models.CASCADE, related_name="delivery")
    state = models.CharField(max_length=10, choices=State.choices, default="waiting", db_default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, choices=Why.choices, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="delivery_sent",
            ),
        ]
        indexes = [models.Index("practice", "created_at", name="delivery_failed", condition=Q(state="failed"))]


class WebhookOff(PracticeModel):
    """A partner answered that this address of its is gone for good (410): nothing is sent there until an administrator
    says so, or enters another one.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    partner = PracticeForeignKey(Partner, models.PROTECT, related_name="+")
    url = models.URLField(max_length=300)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("partner", "url", name="webhook_off_once")]
