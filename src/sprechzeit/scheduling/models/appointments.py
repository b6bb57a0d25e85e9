"""Appointments, holds, and what becomes of them."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sprechzeit.patients.attached import Goes, OnMerge
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Partner, PracticeForeignKey, PracticeModel, PracticeOneToOne, Room
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.models.occupancy import Occupancy
from sprechzeit.scheduling.models.types import AppointmentType, Insurance


class Source(models.TextChoices):
    """How an appointment came."""

    STAFF = "staff", _("Practice")
    ONLINE = "online", _("Online booking")
    PARTNER = "partner", _("Booking partner")


BOOKED_OUTSIDE = (Source.ONLINE, Source.PARTNER)
"""What the practice did not enter itself."""


class Appointment(PracticeModel):
    """A booked time of a patient. `starts_at`, `ends_at` without buffers.

    `insurance`: as who booked said; empty where nobody asked. `sequence` counts moves and the cancellation, for the
    iCalendar event (RFC 5545 3.8.7.4). `told_starts_at`: the begin that the patient knows of; another one than
    `starts_at` is the mark 'patient not yet told' (CAL-23). `seen_at`, `seen_by`: when and by whom in the practice a
    booking that it did not make itself was seen (BOO-12). `typed_first_name`, `typed_last_name`: the patient as who
    booked online typed them, which is how mails speak of them; empty where the practice entered it. `partner`: who
    booked it, if a booking partner did (OTV-7); it sees no other one (OTV-8).

    `partner_writes`: the partner and not Sprechzeit writes to the patient about it, as it was agreed when it was booked
    (OTV-13). `named_patient_id`: the record as the partner knows it, by which it is told whose appointment this is; it
    stays when that record is merged into another, of which the partner is to learn nothing (PAT-14). `changed_at`: when
    it last began to stand elsewhere, was cancelled or restored; kept by the database (partner_bookings.sql).
    `location`: where it takes place, fixed at booking (PUSH-4).
    """

    PERSONAL_DATA = "Who comes when, for what; remark; name as typed."
    RETENTION = "appointment"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Goes(ngettext_lazy("%(count)s appointment", "%(count)s appointments", "count"))
    }

    occupancy = PracticeForeignKey(Occupancy, models.PROTECT, related_name="appointments")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="appointments")
    room = PracticeForeignKey(Room, models.PROTECT, null=True, related_name="+")
    type = PracticeForeignKey(AppointmentType, models.PROTECT, related_name="+")
    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Source.choices)
    partner = PracticeForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    partner_writes = models.BooleanField(default=False, db_default=False)
    named_patient_id = models.UUIDField(null=True)
    location = models.CharField(
        _("Location"),
        max_length=8,
        choices=AppointmentType.Location.choices,
        default=AppointmentType.Location.PRACTICE,
        db_default="practice",
    )
    remark = models.TextField(_("Remark"), blank=True)
    insurance = models.CharField(
        _("Insurance"), max_length=10, choices=Insurance.choices, blank=True, default="", db_default=""
    )
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=2, default="de")
    typed_first_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    typed_last_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    sequence = models.PositiveIntegerField(default=0)
    told_starts_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=60, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by="") | (Q(seen_at__isnull=False) & ~Q(seen_by="")),
                name="appointment_seen",
            ),
            models.CheckConstraint(
                condition=Q(source="partner", partner__isnull=False) | (~Q(source="partner") & Q(partner=None)),
                name="appointment_partner",
            ),
            models.CheckConstraint(
                condition=Q(partner__isnull=False, named_patient_id__isnull=False)
                | Q(partner=None, named_patient_id=None, partner_writes=False),
                name="appointment_partner_named",
            ),
            # The count of a month looks no further back and ahead (month_limits.sql).
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + timedelta(days=1)), name="appointment_within_a_day"
            ),
        ]
        indexes = [
            models.Index("practice", "calendar", "ends_at", name="appointment_by_calendar"),
            models.Index("practice", "patient", "starts_at", name="appointment_by_patient"),
            models.Index(
                "practice",
                "created_at",
                name="appointment_unseen",
                condition=Q(source__in=("online", "partner"), seen_at=None),
            ),
            models.Index(
                "practice",
                "partner",
                "changed_at",
                "id",
                name="appointment_of_partner",
                condition=Q(partner__isnull=False),
            ),
        ]


class AppointmentLink(PracticeModel):
    """The mailed link with which a patient sees and cancels this one appointment. Only the secret's hash is kept."""

    PERSONAL_DATA = "None."
    RETENTION = "appointment"

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="link")
    token_hash = models.BinaryField(max_length=32, unique=True)


class Cancellation(PracticeModel):
    """An appointment that will not take place. Its time is free again; the entry stays (CAL-7).

    The reason is for the practice alone, unless it `tells_reason` to the patient.
    """

    PERSONAL_DATA = "Reason, in the words of who cancelled."
    RETENTION = "appointment"

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="cancellation")
    reason = models.TextField(_("Reason"), blank=True)
    tells_reason = models.BooleanField(default=False)
    cancelled_by = models.CharField(max_length=60)
    cancelled_at = models.DateTimeField(db_default=Now())


class Attendance(PracticeModel):
    """Whether the patient is there, was treated, or did not come (CAL-7). Without one the appointment is planned."""

    PERSONAL_DATA = "Whether somebody came."
    RETENTION = "appointment"

    class State(models.TextChoices):
        ARRIVED = "arrived", _("Arrived")
        COMPLETED = "completed", _("Completed")
        NO_SHOW = "no_show", _("Did not come")

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="attendance")
    state = models.CharField(max_length=10, choices=State.choices)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=Now())


class Hold(PracticeModel):
    """A time kept for a visitor of the booking page while they type (BOO-3), or for a booking partner. `expires_at`
    stands on the occupancy.
    """

    PERSONAL_DATA = "A keyed digest of the visitor's address; hashes of random secrets."
    RETENTION = "day"

    occupancy = PracticeOneToOne(Occupancy, models.PROTECT, related_name="hold")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    room = PracticeForeignKey(Room, models.PROTECT, null=True, related_name="+")
    type = PracticeForeignKey(AppointmentType, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    token_hash = models.BinaryField(max_length=32)
    form = models.BinaryField(max_length=32)
    address = models.BinaryField(max_length=32)
    partner = PracticeForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    appointment = PracticeOneToOne(Appointment, models.PROTECT, null=True, related_name="hold")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("practice", "token_hash", name="hold_token_once")]
        indexes = [
            models.Index("practice", "address", name="hold_by_address"),
            models.Index("practice", "form", name="hold_by_form"),
        ]
