"""The settings of the appointment types and of who offers them."""

from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.settings import (
    add_type,
    change_type,
    place_type,
)
from sprechzeit.scheduling.errors import AgesReversed
from sprechzeit.scheduling.forms.lengths import length_in_words
from sprechzeit.scheduling.forms.settings import OfferingForms, TypeForm
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.policy import get_calendar, get_type, may_change_book
from sprechzeit.scheduling.queries.availability import next_free, this_minute
from sprechzeit.scheduling.queries.settings import calendars_per_type, offerings_of, types_in_order
from sprechzeit.scheduling.queries.video import calendars_without_video, types_by_video
from sprechzeit.ui.settings import Listing, Thing, form_key, place_in, saved

NEW_DURATION = 50


@require_safe
@visitor(Staff)
def types(request: ActorRequest) -> HttpResponse:
    """The appointment types, and the first one's form."""
    first = types_in_order(request.actor).first()
    if first is None:
        return _page(request, None, None, None, chosen=False)
    return _page(request, first, *_forms(request, first), chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_type(request: ActorRequest) -> HttpResponse:
    """A type more."""
    require(may_change_book(request.actor), NotAllowed)
    form, offerings = _forms(request, None)

    def make(new: UUID) -> None:
        add_type(request.actor, type_id=new, **form.facts())
        change_type(request.actor, new, {}, offerings.changes())

    if request.method == "POST" and form.is_valid() and offerings.is_valid():
        try:
            return saved(request, _url("type", once_per_form(request.actor, "type", request.POST, make)))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, None, form, offerings)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def appointment_type(request: ActorRequest, type_id: str) -> HttpResponse:
    """One type with its rules and offerings, to be changed by administrators."""
    found = get_type(request.actor, parse_id(type_id), retired=True)
    form, offerings = _forms(request, found)
    if request.method == "POST" and form.is_valid() and offerings.is_valid():
        try:
            change_type(request.actor, found.pk, form.changes(), offerings.changes())
            return saved(request, _url("type", found.pk))
        except NameTaken as taken:
            form.add_error("name", str(taken))
        except AgesReversed as reversed_ages:
            form.add_error("max_age", str(reversed_ages))
    return _page(request, found, form, offerings)


@require_POST
@visitor(Staff)
def type_place(request: ActorRequest, type_id: str) -> HttpResponse:
    """Put a type before or after another."""
    place_type(request.actor, parse_id(type_id), place_in(request.POST))
    return saved(request, _url("type", parse_id(type_id)))


def _url(name: str, *arguments: object) -> str:
    return reverse(f"scheduling_settings:{name}", args=arguments)


def _forms(request: ActorRequest, found: AppointmentType | None) -> tuple[TypeForm, OfferingForms]:
    data = request.POST if request.method == "POST" else None
    may_change = may_change_book(request.actor)
    # The page's heading names the type as it is, not as it is typed.
    form = TypeForm(
        data,
        instance=copy(found) if found else AppointmentType(duration=NEW_DURATION),
        may_change=may_change,
    )
    return form, OfferingForms(request.actor, data, found, may_change=may_change)


def _thing(found: AppointmentType, calendars: int) -> Thing:
    parts = [length_in_words(found.duration)]
    if found.online and found.notice:
        parts.append(_("%(notice)s notice") % {"notice": length_in_words(found.notice)})
    if not found.online and not found.partners:
        parts.append(_("practice only"))
    if not found.needs_room:
        parts.append(_("without a room"))
    parts.append(ngettext("%(n)s calendar", "%(n)s calendars", calendars) % {"n": calendars})
    return Thing(
        found.pk,
        found.name,
        _url("type", found.pk),
        found.colour,
        detail=" · ".join(parts),
        badge=("globe", _("bookable online")) if found.online else ("", ""),
        retired=found.retired_at is not None,
    )


def _next_free(request: ActorRequest, found: AppointmentType) -> dict[str, Any] | None:
    """The next time that is offered by the saved rules, and where: to patients, unless only the practice books it."""
    asker = engine.Asker(_channel(found))
    for offer in next_free(request.actor, found, 1, since=this_minute(), asker=asker):
        zone = practice_of(request.actor).zone
        return {
            "starts_at": engine.instant_of(offer.start).astimezone(zone),
            "calendar": get_calendar(request.actor, offer.calendar_id),
        }
    return None


def _channel(found: AppointmentType) -> engine.Channel:
    if found.online:
        return engine.Channel.ONLINE
    return engine.Channel.PARTNERS if found.partners else engine.Channel.STAFF


def _explain_url(request: ActorRequest, found: AppointmentType, free: dict[str, Any] | None) -> str:
    """Where it stands why nothing is free right now; nowhere where no calendar offers the type."""
    calendar_id = free["calendar"].pk if free else next(iter(offerings_of(request.actor, found)), None)
    if calendar_id is None:
        return ""
    now = timezone.localtime(engine.instant_of(this_minute()), practice_of(request.actor).zone)
    asked = {"calendar": calendar_id, "type": found.pk, "start": f"{now:%Y-%m-%dT%H:%M}", "by": _channel(found).value}
    return f"{reverse('scheduling:explain')}?{urlencode(asked)}"


def _link_note(request: ActorRequest, found: AppointmentType) -> str:
    """What becomes of link and TAN where no confirmation brings them: 'alone' or 'nobody'; empty where one does."""
    if found not in types_by_video(request.actor):
        return ""
    if not practice_of(request.actor).patient_messages:
        return "nobody"
    return "" if found.confirms_to_patient else "alone"


def _page(
    request: ActorRequest,
    found: AppointmentType | None,
    form: TypeForm | None,
    offerings: OfferingForms | None,
    *,
    chosen: bool = True,
) -> HttpResponse:
    may_change = may_change_book(request.actor)
    counts = calendars_per_type(request.actor)
    things = {one.pk: _thing(one, counts.get(one.pk, 0)) for one in types_in_order(request.actor, retired=True)}
    listing = Listing(
        url=_url("types"),
        things=list(things.values()),
        current=things[found.pk] if found else None,
        chosen=chosen,
        new_url=_url("new_type") if may_change else "",
        place_url=_url("type_place", found.pk) if found and may_change else "",
        retirement_url=_url("type_retirement", found.pk) if found and may_change else "",
        save=may_change,
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    free = _next_free(request, found) if found and not found.retired_at else None
    wrong = form is not None and bool(form.errors or any(one.errors for one in offerings or ()))
    without = calendars_without_video(request.actor, found) if found and not found.retired_at else []
    context = {
        "no_video": [one.name for one, why in without if why == engine.Reason.NO_VIDEO_REFERENCE],
        "link": _link_note(request, found) if found and not found.retired_at else "",
        "video_off": any(why == engine.Reason.VIDEO_OFF for _one, why in without),
        "listing": listing,
        "type": found,
        "form": form,
        "offerings": offerings,
        "next_free": free,
        "explain_url": _explain_url(request, found, free) if found and not found.retired_at else "",
    }
    return render(request, "scheduling/settings/types.html", context, status=422 if wrong else 200)
