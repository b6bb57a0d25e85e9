"""When a calendar works, is away, and for what it keeps its time."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.models.types import AppointmentType


class WeeklyTime(PracticeModel):
    """A stretch of the wall clock on a day of the week: from `valid_from` until `valid_until`, both included, if given.

    `weekday` 0 is Monday. `starts`, `ends`: minutes since local midnight; 1440 is the day's end. Every `every_weeks`
    weeks, counted from the week of `valid_from`.
    """

    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    every_weeks = models.PositiveSmallIntegerField(default=1)

    class Meta:
        abstract = True


def _weekly(name: str) -> models.CheckConstraint:
    """What holds for every weekly time: it lies in a day, and what comes every few weeks is counted from somewhere."""
    return models.CheckConstraint(
        condition=Q(weekday__lte=6, starts__lt=F("ends"), ends__lte=1440)
        & (Q(every_weeks=1) | Q(every_weeks__range=(2, 52), valid_from__isnull=False))
        & (Q(valid_until=None) | Q(valid_from=None) | Q(valid_until__gte=F("valid_from"))),
        name=name,
    )


class WorkingHours(WeeklyTime):
    """A block of a calendar's week (CAL-2). A gap between two is a break."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="working_hours")

    class Meta:
        indexes = [models.Index(fields=["practice", "calendar"], name="working_hours_by_calendar")]
        constraints = [
            _weekly("working_hours_in_a_day"),
            models.UniqueConstraint(
                fields=["calendar", "weekday", "starts", "valid_from", "every_weeks"],
                name="working_hours_once",
                nulls_distinct=False,
            ),
        ]


class Shift(PracticeModel):
    """Working time on one date, which replaces the week's pattern there (CAL-2).

    `starts`, `ends`: minutes since local midnight of `works_on`; past 1440 it ends on the next day.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="shifts")
    works_on = models.DateField()
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__lt=F("ends"), starts__range=(0, 1439), ends__lte=2880), name="shift_within_two_days"
            ),
            models.UniqueConstraint("practice", "calendar", "works_on", "starts", name="shift_once"),
        ]


class Absence(PracticeModel):
    """Planned time off of a calendar, or of the whole practice when `calendar` is empty (CAL-3).

    No occupancy: it is entered over appointments. All day means from local midnight to local midnight.
    """

    PERSONAL_DATA = "Why somebody is away, in the practice's own words."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, null=True, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="absence_takes_time")]
        indexes = [models.Index("practice", "ends_at", name="absence_by_end")]


class OpenHoliday(PracticeModel):
    """A public holiday of the practice's region on which it works all the same (CAL-3)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    open_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint("practice", "open_on", name="open_holiday_once")]


class BookingWindow(WeeklyTime):
    """Time kept for given appointment types, in one calendar, or in all when `calendar` is empty (CAL-4)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.CASCADE, null=True, related_name="booking_windows")

    class Meta:
        indexes = [models.Index(fields=["practice", "calendar"], name="booking_window_by_calendar")]
        constraints = [_weekly("booking_window_in_a_day")]


class BookingWindowType(PracticeModel):
    """A type for which a booking window is kept."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    window = PracticeForeignKey(BookingWindow, models.CASCADE, related_name="kept_for")
    type = PracticeForeignKey(AppointmentType, models.CASCADE, related_name="windows")

    class Meta:
        constraints = [models.UniqueConstraint("window", "type", name="booking_window_type_once")]
