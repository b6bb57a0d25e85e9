"""Refusals of the appointment book."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sprechzeit.core.errors import DomainError
from sprechzeit.practice.plans import Plan, limits_of
from sprechzeit.scheduling.availability import Offer
from sprechzeit.scheduling.reasons import words_of


class TimeTaken(DomainError):
    """Somebody has this time. `next_free`: the next free ones, to offer instead (OTV-6, CAL-8); they may be looked for
    when they are first asked for.

    `conflicts`: what has it, in words that the actor may read; `named`: the appointments among it.
    """

    code = "time_taken"
    status = 409
    message = _("This time has just been taken. Please choose another one.")

    def __init__(
        self, next_free: Sequence[Offer] = (), *, conflicts: Sequence[str] = (), named: Sequence[UUID] = ()
    ) -> None:
        self.next_free = next_free
        self.conflicts = tuple(conflicts)
        self.named = tuple(named)
        super().__init__()


class NotOffered(DomainError):
    """This time is not offered, for the reasons in `reasons` (CAL-10).

    `conflicts`: what has the time, in words that the actor may read (CAL-8). `meanings`: what a reason means here,
    where more can be said than what it means everywhere. `named`: the appointments that these words name.
    `swap_with`: the one with which the moved one could change places.
    """

    code = "not_offered"
    status = 409
    message: str | Promise = _("This time is not offered. Please choose another one.")

    def __init__(
        self,
        reasons: Sequence[str] = (),
        next_free: Sequence[Offer] = (),
        *,
        conflicts: Sequence[str] = (),
        named: Sequence[UUID] = (),
        meanings: Mapping[str, str] | None = None,
        swap_with: UUID | None = None,
    ) -> None:
        self.reasons = tuple(reasons)
        self.next_free = next_free
        self.conflicts = tuple(conflicts)
        self.named = tuple(named)
        self.meanings = meanings or {}
        self.swap_with = swap_with
        super().__init__()


class WrongPeriod(DomainError):
    """Times are asked for that end before they begin, or for longer than a page of them is (OTV-10)."""

    code = "wrong_period"
    status = 422
    message = _("Please ask for a period that ends after it begins and is no longer than 31 days.")


class MonthFull(NotOffered):
    """The practitioner has as many appointments in this month as the practice's plan allows (PLAN-3).

    `details`: plan, limit and the month's first day.
    """

    code = "month_full"

    def __init__(self, plan: Plan, month: date) -> None:
        words = month_full_words(plan, month)
        super().__init__(["month_full"], meanings={"month_full": words})
        self.message = words
        self.details = {"plan": str(plan), "limit": limits_of(plan).appointments, "month": month}


def month_full_words(plan: Plan, month: date) -> str:
    """'Plan S: the 30 appointments of October 2026 are reached.'"""
    most = limits_of(plan).appointments or 0
    words = ngettext(
        "Plan %(plan)s: the %(limit)s appointment of this practitioner in %(month)s is reached.",
        "Plan %(plan)s: the %(limit)s appointments of this practitioner in %(month)s are reached.",
        most,
    )
    return words % {"plan": plan, "limit": most, "month": date_format(month, "YEAR_MONTH_FORMAT")}


class RoomClosed(NotOffered):
    """A room past those that the practice's plan has: it keeps its appointments and takes nothing new (PLAN-4)."""

    code = "room_closed"

    def __init__(self) -> None:
        words = _("The practice's plan has fewer rooms: this one keeps its appointments and takes no new ones.")
        super().__init__(["room_closed"], meanings={"room_closed": str(words)})
        self.message = words


class ChangedMeanwhile(DomainError):
    """Somebody else changed it since the actor looked."""

    code = "changed_meanwhile"
    status = 409
    message = _("Somebody has changed this meanwhile. Please look at it again.")


class NothingToUndo(DomainError):
    """There is no change of the actor's own, of today, that could be undone (CAL-16)."""

    code = "nothing_to_undo"
    message = _("There is nothing to undo.")


class ImpossibleLength(DomainError):
    """It ends before it begins, or lasts longer than a day."""

    code = "impossible_length"
    message = _("The end must lie after the begin, at most one day later.")


class NotYet(DomainError):
    """To an appointment of a later day nobody has come, or failed to come."""

    code = "not_yet"
    message = _("The day of this appointment has not come. Whether the patient came can be entered from that day on.")


class HasCome(DomainError):
    """Somebody has come to this appointment, or failed to come: it took place, or did not, and is not cancelled."""

    code = "has_come"
    message = _(
        "Whether the patient came has been entered already. To cancel this appointment, first set it back to “Planned”."
    )


class NoAddress(DomainError):
    """There is no e-mail address to which the patient could be told."""

    code = "no_address"
    message = _("No e-mail address of this patient is known. Please tell them another way.")


class VideoNeedsEmail(DomainError):
    """A consultation by video without an e-mail address to which its link could go (PUSH-6)."""

    code = "video_needs_email"
    message = _("An appointment by video needs the patient's e-mail address: the link to it goes there.")


class NoVideoHere(DomainError):
    """The calendar holds no consultation by video, for the `reason` that free times give too (PUSH-3)."""

    code = "no_video_here"
    status = 409

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()
        self.message = words_of(reason)


class NotSwappable(DomainError):
    """These two cannot change places."""

    code = "not_swappable"
    status = 409
    message = _("These two appointments cannot change places.")


class FromACalendarFile(DomainError):
    """Another import has put the same entry into the calendar already."""

    code = "from_a_calendar_file"
    message = _("The other calendar has this entry already, from a calendar file.")


class HoldsFull(DomainError):
    """From one address as many times are kept as may be at once (BOO-8)."""

    code = "holds_full"
    status = 429
    message = _(
        "From your internet connection two times are already being kept. "
        "Please finish one of these bookings, or try again in ten minutes."
    )


class PartnerHoldsFull(DomainError):
    """A partner keeps as many times as it may at once, or has kept too many that no booking came of (BOO-8)."""

    code = "partner_holds_full"
    status = 429
    message = _("Too many times are being kept without a booking. Release some, or try again in a minute.")

    def __init__(self) -> None:
        super().__init__(retry_after=60)


class HoldUsed(DomainError):
    """A kept time that was booked already, by another call (OTV-6)."""

    code = "hold_used"
    status = 409
    message = _("This kept time has been booked already. Please choose another one.")


class OpenBookingsFull(DomainError):
    """The patient has as many open bookings as the practice allows (BOO-8)."""

    code = "open_bookings_full"
    message = _("More appointments cannot be booked online at the moment. Please call the practice.")


class NotForThisPatient(DomainError):
    """The type is not for this patient, for the reasons in `reasons` (CAL-5, BOO-11). The time stays kept."""

    code = "not_for_this_patient"
    message = _("This kind of appointment is not for this patient. Please choose another one, or call the practice.")

    def __init__(self, reasons: Sequence[str] = ()) -> None:
        self.reasons = tuple(reasons)
        super().__init__()


class CodeMissing(DomainError):
    """The code that was sent by e-mail has not been typed yet (BOO-4)."""

    code = "booking_code_missing"
    message = _("Please type the code first that we sent to you by e-mail.")


class CodeSpent(DomainError):
    """A code that was typed wrongly too often, or is too old."""

    code = "booking_code_spent"
    message = _("This code can no longer be used. Please ask for a new one.")


class TooLate(DomainError):
    """The practice's deadline for changes by the patient has passed (BOO-6)."""

    code = "too_late"
    message = _("This appointment can no longer be changed online. Please call the practice.")


class AgesReversed(DomainError):
    """The youngest age is above the oldest."""

    code = "ages_reversed"
    status = 422
    message = _("The upper age must not be below the lower one.")


class EndsTooEarly(DomainError):
    """A time that does not end after it begins, or leaves its day; a week that ends before it begins."""

    code = "ends_too_early"
    message = _("The end must come after the beginning.")


class TimesOverlap(DomainError):
    """Two working times, two booking windows of one week, or two shifts of a calendar, overlap."""

    code = "times_overlap"
    message = _("These times overlap. Please join them or make one of them shorter.")


class WeekExists(DomainError):
    """Another week of this calendar has the same rhythm and begins on the same day."""

    code = "week_exists"
    status = 409
    message = _("There is another week with this rhythm and this beginning already. Choose it above to change it.")


class AppointmentsOutside(DomainError):
    """The new working hours would leave `appointments` outside, which lie inside now (CAL-22)."""

    code = "appointments_outside"
    status = 409
    message = _("Appointments would then lie outside working hours.")

    def __init__(self, appointments: Sequence[Any] = ()) -> None:
        self.appointments = tuple(appointments)
        super().__init__()


class NotHandedOver(DomainError):
    """A member who leaves has records or calendars that nobody takes (ACC-12)."""

    code = "not_handed_over"
    status = 409
    message = _("Records and calendars first go to another member. An administrator of your practice hands them over.")


class TimesCollide(DomainError):
    """A room cannot become the same as another: both have something at the same times, `times` in words (COM-2)."""

    code = "times_collide"
    status = 409
    message = _("This room and the shared one are both taken at the same times. Move one of them first.")

    def __init__(self, times: Sequence[str]) -> None:
        self.times = tuple(times)
        super().__init__(times=self.times)
