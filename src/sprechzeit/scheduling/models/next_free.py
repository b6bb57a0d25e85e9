"""The next free time of each calendar, kept for practices with many."""

from django.db import models
from django.db.models import Q

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne, Room
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.models.types import AppointmentType, Offering


class NextFree(PracticeModel):
    """When a calendar can next be booked online for a type, and in which room: derived, a hint, never the truth.

    `starts`: UTC minute since 1970-01-01; None when nothing is free up to the horizon. It holds for the calendar as it
    was at its change number `computed`; the database raises `changes` in the transaction of every change that may
    concern it (next_free_marks.py), so it is out of date exactly while the two differ. Not in the log.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    offering = PracticeOneToOne(Offering, models.CASCADE, related_name="+")
    calendar = PracticeForeignKey(Calendar, models.CASCADE, related_name="+", db_index=False)
    type = PracticeForeignKey(AppointmentType, models.CASCADE, related_name="+", db_index=False)
    room = PracticeForeignKey(Room, models.CASCADE, null=True, related_name="+", db_index=False)
    starts = models.IntegerField(null=True)
    changes = models.IntegerField(default=1)
    computed = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index("practice", "calendar", name="next_free_of_calendar"),
            models.Index("practice", "type", "starts", name="next_free_by_time"),
            models.Index("practice", "room", name="next_free_in_room", condition=Q(room__isnull=False)),
        ]
