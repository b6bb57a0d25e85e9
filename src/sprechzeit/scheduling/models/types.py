"""What can be booked, where and by whom."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.ids import new_reference
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, Room
from sprechzeit.practice.models.facts import ColourField
from sprechzeit.scheduling.models.calendars import Calendar


class Insurance(models.TextChoices):
    """How a patient is insured (BOO-4)."""

    STATUTORY = "statutory", _("Statutory")
    PRIVATE = "private", _("Private")
    SELF_PAYER = "self_payer", _("Self-payer")


def all_insurances() -> list[str]:
    """Every insurance: the rule of a type that is for everybody."""
    return list(Insurance.values)


class AppointmentType(PracticeModel):
    """What can be booked, with its rules (CAL-5). Lengths in minutes, ages in completed years, both bounds included.

    `staff`, `online`, `partners`: who may book it. `capacity`: how many patients share one time (CAL-17).
    `insurances`: whose patients may book it online or at partners (BOO-4), at least one. `confirms_to_patient`,
    `tells_practitioner`: who gets a mail when it is booked online (BOO-10). `location`: empty for where appointments
    of the practice take place, see `takes_place`.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    class Patients(models.TextChoices):
        ALL = "all", _("all patients")
        NEW = "new", _("new patients only")
        KNOWN = "known", _("known patients only")

    class Location(models.TextChoices):
        PRACTICE = "practice", _("Practice")
        PHONE = "phone", _("Phone")
        HOME = "home", _("Home visit")
        VIDEO = "video", _("Video")

    name = models.CharField(_("Name"), max_length=120)
    duration = models.PositiveSmallIntegerField(_("Duration (minutes)"), validators=[MinValueValidator(5)])
    buffer_before = models.PositiveSmallIntegerField(_("Buffer before (minutes)"), default=0)
    buffer_after = models.PositiveSmallIntegerField(_("Buffer after (minutes)"), default=0)
    grid = models.PositiveSmallIntegerField(_("Starts every (minutes)"), default=15)
    notice = models.PositiveIntegerField(_("Bookable until (minutes before)"), default=120)
    horizon = models.PositiveSmallIntegerField(_("Bookable for (days ahead)"), default=90)
    staff = models.BooleanField(_("Practice"), default=True)
    online = models.BooleanField(_("Online booking"), default=True)
    partners = models.BooleanField(_("Booking partners"), default=False)
    patients = models.CharField(_("For"), max_length=5, choices=Patients.choices, default=Patients.ALL)
    min_age = models.PositiveSmallIntegerField(_("From age (years)"), null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(_("Up to age (years)"), null=True, blank=True)
    insurances = ArrayField(
        models.CharField(max_length=10, choices=Insurance.choices), verbose_name=_("Insurance"), default=all_insurances
    )
    confirms_to_patient = models.BooleanField(_("Confirmation to the patient"), default=True)
    tells_practitioner = models.BooleanField(_("Message to the practitioner"), default=False)
    needs_room = models.BooleanField(_("Needs a room"), default=True)
    only_in_windows = models.BooleanField(_("Only in its booking windows"), default=False)
    location = models.CharField(
        _("Location"), max_length=8, choices=Location.choices, blank=True, default="", db_default=""
    )
    price_cents = models.PositiveIntegerField(_("Price"), null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(_("Places"), default=1, validators=[MinValueValidator(1)])
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
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(max_age__gte=F("min_age")),
                name="appointment_type_ages",
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="appointment_type_has_a_place"),
            models.CheckConstraint(
                condition=Q(insurances__len__gt=0, insurances__contained_by=Insurance.values),
                name="appointment_type_insurances",
            ),
        ]

    @property
    def before(self) -> timedelta:
        """The buffer before."""
        return timedelta(minutes=self.buffer_before)

    @property
    def after(self) -> timedelta:
        """The buffer after."""
        return timedelta(minutes=self.buffer_after)


def takes_place(location: str, way: str, online_location: str) -> str:
    """Where what is booked in this way takes place: as its type's `location` says; else as the practice's
    `online_location` does for what it does not enter itself, and in the practice for what it does (PUSH-4).
    """
    return location or (AppointmentType.Location.PRACTICE.value if way == "staff" else online_location)


class Offering(PracticeModel):
    """Which calendar offers which type, with its own `duration` (minutes) where it differs (CAL-6)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    type = PracticeForeignKey(AppointmentType, models.CASCADE, related_name="offerings")
    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="offerings")
    duration = models.PositiveSmallIntegerField(_("Own duration (minutes)"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("type", "calendar", name="offering_once"),
            models.CheckConstraint(
                condition=Q(duration=None) | Q(duration__range=(1, 1440)), name="offering_within_a_day"
            ),
        ]


class OfferingRoom(PracticeModel):
    """A room in which an offering may take place, in order of preference."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    offering = PracticeForeignKey(Offering, models.CASCADE, related_name="rooms")
    room = PracticeForeignKey(Room, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("offering", "room", name="offering_room_once")]
