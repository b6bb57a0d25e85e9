"""What a request of a booking page asks for: the type, the practitioner, the kept time, and what was typed before."""

from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from sprechzeit.core.errors import NotFound
from sprechzeit.portal import typed
from sprechzeit.portal.forms import kept_of
from sprechzeit.portal.pages import Search
from sprechzeit.portal.patients_page import chosen_language, keep_practice
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.scheduling.actions.hold import get_hold
from sprechzeit.scheduling.models import AppointmentType, Calendar, Hold
from sprechzeit.scheduling.queries.booking import calendars_offering


def search_of(request: ActorRequest, appointment_type: AppointmentType) -> Search:
    """The type (with its practice), the practitioner and the kept time that the address names. Raises NotFound.

    All who offer it are asked for only where somebody is named, or when the page shows them.
    """
    keep_practice(request, appointment_type.practice)
    calendars = SimpleLazyObject(lambda: tuple(calendars_offering(request.actor, appointment_type)))
    reference = request.GET.get("calendar", "")
    calendar = next((one for one in calendars if one.reference == reference), None) if reference else None
    if reference and calendar is None:
        raise NotFound
    held = request.GET.get("held", "")
    return Search(
        appointment_type.practice,
        appointment_type,
        cast(Sequence[Calendar], calendars),
        calendar,
        held if own_hold(request, held) else "",
        chosen_language(request),
    )


def own_hold(request: ActorRequest, token: str) -> Hold | None:
    """The time that the visitor keeps, as long as it is kept."""
    try:
        held = get_hold(request.actor, token) if token else None
    except NotFound:
        return None
    return held if held and not held.appointment_id and is_live(held) else None


def is_live(held: Hold) -> bool:
    """Whether the time is still kept."""
    return held.occupancy.active and (held.occupancy.expires_at or timezone.now()) > timezone.now()


def typed_in(request: HttpRequest) -> dict[str, str]:
    """What the visitor typed before: in the form of the details itself, or carried by another one."""
    if packed := request.POST.get(typed.FIELD, ""):
        return kept_of(typed.unpack(packed))
    return kept_of(request.POST)
