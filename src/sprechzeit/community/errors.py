"""Refusals of calendar communities."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class CodeUnknown(DomainError):
    """No community has this code now: it never was one, was used, renewed or is too old."""

    code = "code_unknown"
    message = _("This code opens no community: it may be used up, renewed or too old. Please ask for a new one.")


class AlreadyInCommunity(DomainError):
    """The practice is in this community, or has entered a code of it and waits."""

    code = "already_in_community"
    message = _("Your practice is in this community already.")


class NotAgreed(DomainError):
    """The practice or the founder's side has not agreed yet, so nothing is shared (COM-1)."""

    code = "not_agreed"
    status = 409
    message = _("Both sides have to agree first.")


class SpaceUsed(DomainError):
    """Another room of the same practice is this shared room already."""

    code = "space_used"
    message = _("Another room of your practice is this shared room already.")


class RoomShared(DomainError):
    """The room is another shared room already."""

    code = "room_shared"
    message = _("This room is another shared room already. First stop sharing it there.")


class SpaceAssigned(DomainError):
    """A shared room is to be deleted to which practices have assigned a room: `used_by`, their names."""

    code = "space_assigned"
    status = 409

    def __init__(self, used_by: Sequence[str]) -> None:
        words = _("Still used by: %(names)s. It can be deleted when no practice has assigned a room to it.")
        super().__init__(words % {"names": ", ".join(used_by)}, used_by=list(used_by))
