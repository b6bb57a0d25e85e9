"""Facts of the appointment book."""

from sprechzeit.scheduling.models.appointments import (
    BOOKED_OUTSIDE,
    Appointment,
    AppointmentLink,
    Attendance,
    Cancellation,
    Hold,
    Source,
)
from sprechzeit.scheduling.models.blocks import Block, CalendarImport
from sprechzeit.scheduling.models.booking import Booker, BookingCode
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.models.changes import BookChange
from sprechzeit.scheduling.models.hours import (
    Absence,
    BookingWindow,
    BookingWindowType,
    OpenHoliday,
    Shift,
    WeeklyTime,
    WorkingHours,
)
from sprechzeit.scheduling.models.months import MonthNotice
from sprechzeit.scheduling.models.next_free import NextFree
from sprechzeit.scheduling.models.occupancy import Occupancy
from sprechzeit.scheduling.models.types import AppointmentType, Insurance, Offering, OfferingRoom, takes_place
from sprechzeit.scheduling.models.video import VideoAppointment

__all__ = [
    "BOOKED_OUTSIDE",
    "Absence",
    "Appointment",
    "AppointmentLink",
    "AppointmentType",
    "Attendance",
    "Block",
    "BookChange",
    "Booker",
    "BookingCode",
    "BookingWindow",
    "BookingWindowType",
    "Calendar",
    "CalendarImport",
    "Cancellation",
    "Hold",
    "Insurance",
    "MonthNotice",
    "NextFree",
    "Occupancy",
    "Offering",
    "OfferingRoom",
    "OpenHoliday",
    "Shift",
    "Source",
    "VideoAppointment",
    "WeeklyTime",
    "WorkingHours",
    "takes_place",
]
