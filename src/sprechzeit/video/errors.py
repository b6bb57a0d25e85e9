"""Refusals of the video side. Those of booking systems are part of the contract (docs/developers/video-side.md)."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class TokenUnknown(DomainError):
    """The call has no token, or one that was never made or is revoked: these cannot be told apart."""

    code = "token_unknown"
    status = 401
    message = _("The token is missing, wrong or revoked. An administrator of the practice makes a new one.")


class TooManyPushes(DomainError):
    """More calls than a booking system may make at a time. `retry_after` in seconds."""

    code = "too_many_pushes"
    status = 429
    message = _("Too many calls. Wait as many seconds as Retry-After says, then send it again.")

    def __init__(self, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


class UnknownFields(DomainError):
    """The call says more than it may: whatever is not needed is refused by name (VID-1). `fields`: which."""

    code = "unknown_fields"
    status = 422
    message = _("The call has fields that are not taken here. They are named in “fields”; send nothing but the others.")


class InvalidPush(DomainError):
    """Fields are missing, or not as the contract says. `fields`: which, and what is wrong."""

    code = "invalid"
    status = 422
    message = _("Some fields are missing, or not as the contract says. They are named in “fields”.")


class UnknownPractitioner(DomainError):
    """Nobody of the practice who holds consultations has this user id (PUSH-3)."""

    code = "unknown_practitioner"
    status = 422
    message = _("Nobody here has this user id. It is shown in the practice's settings, on the page “Video side”.")


class ReferenceTaken(DomainError):
    """The booking system has another appointment by this reference, which is not cancelled."""

    code = "reference_taken"
    status = 409
    message = _("An appointment with this reference is there already. Change it, or use another reference.")


class PushCancelled(DomainError):
    """The booking system cancelled the appointment before: it is made anew, not changed."""

    code = "cancelled"
    status = 409
    message = _("This appointment was cancelled. To book it again, create it anew.")


class PushKeyReused(DomainError):
    """The Idempotency-Key was used before for another call."""

    code = "key_reused"
    status = 422
    message = _("This Idempotency-Key was used before for another call. Use a new key for every new call.")


class TokenNameTaken(DomainError):
    """Another token that is not revoked has this name."""

    code = "token_name_taken"
    status = 422
    message = _("Another token has this name. Please choose another one.")


class NothingToTell(DomainError):
    """No message of the video side is due: the appointment is over, or the booking system alone writes (VID-5)."""

    code = "nothing_to_tell"
    status = 409
    message = _("There is nothing to tell: the appointment is over, or the booking system alone writes to patients.")


class LinkNotOpen(DomainError):
    """The consultation's link is not good yet, or no more, or its appointment was cancelled (VID-4)."""

    code = "link_not_open"
    status = 403
    message = _("This consultation is not open now.")


class TanLocked(DomainError):
    """Too many wrong TANs were typed: the link opens nothing until the practice lets it (VID-4)."""

    code = "tan_locked"
    status = 403
    message = _("A wrong TAN was typed too often. Please call the practice.")


class SeatLost(DomainError):
    """The consultation was opened in another window, or whom a signal is for has gone."""

    code = "seat_lost"
    status = 409
    message = _("This consultation was opened in another window.")


class NotAdmitted(DomainError):
    """The practitioner has not let the patient in, or the call has ended (VID-3)."""

    code = "not_admitted"
    status = 409
    message = _("The call has not begun, or it is over.")


class NobodyWaits(DomainError):
    """There is no patient to let in."""

    code = "nobody_waits"
    status = 409
    message = _("Nobody is waiting any more. You will see here when the patient comes back.")


class TooManySignals(DomainError):
    """More is on the way to the other side than two browsers need to find each other, or it is too long."""

    code = "too_many_signals"
    status = 422
    message = _("The connection could not be made. Please open the page again.")
