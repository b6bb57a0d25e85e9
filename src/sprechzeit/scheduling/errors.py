"""Refusals of the appointment book."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError
from sprechzeit.scheduling.availability import Offer


class TimeTaken(DomainError):
    """Somebody has this time. `next_free`: the next free ones, to offer instead (OTV-6, CAL-8)."""

    code = "time_taken"
    status = 409
    message = _("This time has just been taken. Please choose another one.")

    def __init__(self, next_free: Sequence[Offer] = ()) -> None:
        self.next_free = tuple(next_free)
        super().__init__()


class NotOffered(DomainError):
    """This time is not offered, for the reasons in `reasons` (CAL-10)."""

    code = "not_offered"
    status = 409
    message = _("This time is not offered. Please choose another one.")

    def __init__(self, reasons: Sequence[str] = (), next_free: Sequence[Offer] = ()) -> None:
        self.reasons = tuple(reasons)
        self.next_free = tuple(next_free)
        super().__init__()


class HoldsFull(DomainError):
    """From one address as many times are kept as may be at once (BOO-8)."""

    code = "holds_full"
    status = 429
    message = _(
        "From your internet connection two times are already being kept. "
        "Please finish one of these bookings, or try again in ten minutes."
    )


class OpenBookingsFull(DomainError):
    """The patient has as many open bookings as the practice allows (BOO-8)."""

    code = "open_bookings_full"
    message = _("More appointments cannot be booked online at the moment. Please call the practice.")


class TooLate(DomainError):
    """The practice's deadline for changes by the patient has passed (BOO-6)."""

    code = "too_late"
    message = _("This appointment can no longer be cancelled online. Please call the practice.")
