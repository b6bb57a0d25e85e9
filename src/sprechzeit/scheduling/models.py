"""Facts of the appointment book."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.ids import new_reference
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne, Room, Space
from sprechzeit.practice.models.facts import ColourField


class Calendar(PracticeModel):
    """A column of the appointment book: of a practitioner, or of none (CAL-1)."""

    PERSONAL_DATA = "Name of a practitioner."
    RETENTION = "practice"

    member = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="calendars")
    name = models.CharField(_("Name"), max_length=120)
    initials = models.CharField(_("Initials"), max_length=4)
    colour = ColourField(_("Colour"), default=1)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    reference = models.CharField(max_length=24, default=new_reference, unique=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "name", name="calendar_name_once")]


class WorkingHours(PracticeModel):
    """A block of a calendar's week, in the practice's wall-clock time (CAL-2). `weekday` 0 is Monday.

    `starts`, `ends`: minutes since local midnight; 1440 is the day's end.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["practice", "calendar"], name="working_hours_by_calendar")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, starts__lt=F("ends"), ends__lte=1440), name="working_hours_in_a_day"
            ),
            models.UniqueConstraint("calendar", "weekday", "starts", name="working_hours_once"),
        ]


class AppointmentType(PracticeModel):
    """What can be booked, with its rules (CAL-5). Lengths in minutes."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    name = models.CharField(_("Name"), max_length=120)
    duration = models.PositiveSmallIntegerField(_("Duration (minutes)"), validators=[MinValueValidator(5)])
    buffer_before = models.PositiveSmallIntegerField(_("Buffer before (minutes)"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("Buffer after (minutes)"), default=0)
    grid = models.PositiveSmallIntegerField(_("Starts every (minutes)"), default=15)
    notice = models.PositiveIntegerField(_("Bookable until (minutes before)"), default=120)
    horizon = models.PositiveSmallIntegerField(_("Bookable for (days ahead)"), default=90)
    online = models.BooleanField(_("Bookable online"), default=True)
    needs_room = models.BooleanField(_("Needs a room"), default=True)
    colour = ColourField(_("Colour"), default=1)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    reference = models.CharField(max_length=24, default=new_reference, unique=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "name", name="appointment_type_name_once"),
            # A day at most, which is what availability looks around a day (queries/availability.py).
            models.CheckConstraint(
                condition=Q(
                    duration__range=(1, 1440), grid__range=(1, 1440), buffer_before__lte=1440, buffer_after__lte=1440
                ),
                name="appointment_type_within_a_day",
            ),
        ]


class Offering(PracticeModel):
    """Which calendar offers which type (CAL-6)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    type = PracticeForeignKey(AppointmentType, models.CASCADE, related_name="offerings")
    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="offerings")

    class Meta:
        constraints = [models.UniqueConstraint("type", "calendar", name="offering_once")]


class OfferingRoom(PracticeModel):
    """A room in which an offering may take place, in order of preference."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    offering = PracticeForeignKey(Offering, models.CASCADE, related_name="rooms")
    room = PracticeForeignKey(Room, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("offering", "room", name="offering_room_once")]


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


class Source(models.TextChoices):
    """How an appointment came."""

    STAFF = "staff", _("Practice")
    ONLINE = "online", _("Online booking")


class Appointment(PracticeModel):
    """A booked time of a patient. `starts_at`, `ends_at` without buffers.

    `sequence` counts moves and the cancellation, for the iCalendar event (RFC 5545 3.8.7.4).
    """

    PERSONAL_DATA = "Who comes when, for what; remark."
    RETENTION = "appointment"

    occupancy = PracticeForeignKey(Occupancy, models.PROTECT, related_name="appointments")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="appointments")
    room = PracticeForeignKey(Room, models.PROTECT, null=True, related_name="+")
    type = PracticeForeignKey(AppointmentType, models.PROTECT, related_name="+")
    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Source.choices)
    remark = models.TextField(_("Remark"), blank=True)
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=2, default="de")
    sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index("practice", "calendar", "ends_at", name="appointment_by_calendar"),
            models.Index("practice", "patient", "starts_at", name="appointment_by_patient"),
        ]


class AppointmentLink(PracticeModel):
    """The mailed link with which a patient sees and cancels this one appointment. Only the secret's hash is kept."""

    PERSONAL_DATA = "None."
    RETENTION = "appointment"

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="link")
    token_hash = models.BinaryField(max_length=32, unique=True)


class Cancellation(PracticeModel):
    """An appointment that will not take place. Its time is free again; the entry stays (CAL-7)."""

    PERSONAL_DATA = "Reason, in the words of who cancelled."
    RETENTION = "appointment"

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="cancellation")
    reason = models.TextField(_("Reason"), blank=True)
    cancelled_by = models.CharField(max_length=60)
    cancelled_at = models.DateTimeField(db_default=Now())


class Hold(PracticeModel):
    """A time kept for a visitor of the booking page while they type (BOO-3). `expires_at` stands on the occupancy."""

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
    appointment = PracticeOneToOne(Appointment, models.PROTECT, null=True, related_name="hold")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("practice", "token_hash", name="hold_token_once")]
        indexes = [
            models.Index("practice", "address", name="hold_by_address"),
            models.Index("practice", "form", name="hold_by_form"),
        ]


class CalendarImport(PracticeModel):
    """A calendar file that was taken over as blocks."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    file_hash = models.BinaryField(max_length=32)
    imported_at = models.DateTimeField(db_default=Now())


class Block(PracticeModel):
    """Time that is taken without a patient: here, an entry of a calendar brought from another program.

    `uid` and `recurrence` name the entry in its file, so that the same file taken twice changes nothing.
    """

    PERSONAL_DATA = "The entry's title, which may name anybody."
    RETENTION = "appointment"

    occupancy = PracticeOneToOne(Occupancy, models.PROTECT, related_name="block")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="blocks")
    calendar_import = PracticeForeignKey(CalendarImport, models.PROTECT, related_name="blocks")
    title = models.CharField(_("Title"), max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    uid = models.CharField(max_length=255)
    recurrence = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("calendar", "uid", "recurrence", name="imported_entry_once")]
        indexes = [models.Index("practice", "calendar", "ends_at", name="block_by_calendar")]
