"""What can go wrong with the video service. Each says to a person what to do."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class ToldByLaterPush(DomainError):
    """A later change of the appointment goes to the service, or went there: this one would be wrong now (PUSH-5)."""

    code = "told_by_later_push"
    status = 409
    message = _("The appointment was changed since: a later change tells the service all that this one did.")


class NoVideoAddress(DomainError):
    """That is no address at which a video service can be called (PUSH-2)."""

    code = "no_video_address"
    message = _(
        "Please enter the whole address of the service, beginning with https://. "
        "Machines in private networks are not called."
    )


class OwnVideoSide(DomainError):
    """The token is one of this practice: its appointments would be entered a second time (PUSH-10)."""

    code = "own_video_side"
    message = _(
        "This token is one of your own practice. Choose “Here, in Sprechzeit”: your appointments get their links at "
        "once, and nothing is entered twice."
    )


class VideoServiceUnnamed(DomainError):
    """Where the service is, or by what it knows the practice, is missing (PUSH-2)."""

    code = "video_service_unnamed"
    message = _("Please enter address and token before you switch it on.")
