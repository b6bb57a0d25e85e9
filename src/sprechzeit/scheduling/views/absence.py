"""Being away: the list, and the form with the appointments concerned (CAL-3, CAL-22)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.absence import Entered, change_absence, enter_absence, remove_absence
from sprechzeit.scheduling.actions.hours import set_open_holiday
from sprechzeit.scheduling.forms.absence import PRACTICE, AbsenceForm, initial_of
from sprechzeit.scheduling.forms.clock import DayField
from sprechzeit.scheduling.models import Absence
from sprechzeit.scheduling.policy import get_absence, get_calendar, may_enter_absence, visible_calendars
from sprechzeit.scheduling.queries.absence import Away, affected_by, affected_by_coming, cancelled_in, coming_absences
from sprechzeit.scheduling.queries.hours import coming_holidays
from sprechzeit.scheduling.views.hours_page import absence_line, lines


@require_safe
@visitor(Staff)
def absences(request: ActorRequest) -> HttpResponse:
    """All that is to come: absences, and the public holidays of twelve months."""
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def holidays(request: ActorRequest) -> HttpResponse:
    """Work on a public holiday, or not (CAL-3)."""
    if request.method != "POST":
        return _list(request)
    if request.actor.reach(Data.CALENDARS, Use.WRITE) is not Reach.ALL:
        raise NotAllowed
    try:
        day = DayField().clean(request.POST.get("day", ""))
    except ValidationError:
        raise NotFound from None
    set_open_holiday(request.actor, day, works=request.POST.get("works") == "yes")
    return redirect(reverse("scheduling_hours:absences") + "#holidays")


def _list(request: ActorRequest) -> HttpResponse:
    practice = practice_of(request.actor)
    affected = affected_by_coming(request.actor)
    context = {
        "absences": [
            absence_line(one, len(affected.get(one.id, ())), practice) for one in coming_absences(request.actor)
        ],
        "may_enter": bool(_choices(request)) or may_enter_absence(request.actor, None),
        "holidays": coming_holidays(request.actor),
        "has_region": bool(practice.region),
        "may_open": request.actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL,
    }
    return render(request, "scheduling/hours/absences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_absence(request: ActorRequest) -> HttpResponse:
    """Be away. Over appointments it asks first what becomes of them (CAL-22)."""
    if not _choices(request) and not may_enter_absence(request.actor, None):
        raise NotAllowed
    if request.method != "POST":
        today = timezone.now().astimezone(practice_of(request.actor).zone).date()
        initial = {"calendar": _wished(request), "first_day": today, "last_day": today}
        return _show(request, _form(request, initial=initial))
    return _enter(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def absence(request: ActorRequest, absence_id: str) -> HttpResponse:
    """An absence, with the appointments that still lie in it."""
    found = get_absence(request.actor, parse_id(absence_id))
    if request.method == "POST":
        if not may_enter_absence(request.actor, found.calendar):
            raise NotAllowed
        return _enter(request, found)
    zone = practice_of(request.actor).zone
    form = _form(request, initial=initial_of(found, zone), shown=found)
    there = Away(found.calendar_id, found.starts_at, found.ends_at)
    return _show(request, form, found, affected=affected_by(request.actor, there))


@require_POST
@visitor(Staff)
def absence_removal(request: ActorRequest, absence_id: str) -> HttpResponse:
    """Be there after all."""
    remove_absence(request.actor, parse_id(absence_id))
    messages.success(request, _("The absence is removed."))
    return redirect("scheduling_hours:absences")


def _enter(request: ActorRequest, found: Absence | None) -> HttpResponse:
    form = _form(request, data=request.POST, shown=found)
    if not form.is_valid():
        return _show(request, form, found, status=422)
    away = form.away()
    listed = _ids(request.POST.getlist("listed"))
    affected = list(affected_by(request.actor, away))
    if {one.id for one in affected} - listed:
        return _show(request, form, found, affected=affected, asks=True)
    cancel = listed if request.POST.get("all") else _ids(request.POST.getlist("cancel")) & listed
    reason = request.POST.get("told", "").replace("\x00", "")[:500].strip()
    options: dict[str, Any] = {"cancel": cancel, "reason": reason}
    if found is None:
        entered = enter_absence(request.actor, away, **options)
    else:
        entered = change_absence(request.actor, found.id, away, **options)
    messages.success(request, _told(entered))
    if entered.left or entered.to_call:
        return redirect("scheduling_hours:absence", entered.absence.id)
    return redirect("scheduling_hours:absences")


def _told(entered: Entered) -> str:
    if not entered.cancelled:
        return _("The absence is entered.")
    said = ngettext(
        "The absence is entered. %(count)s appointment is cancelled.",
        "The absence is entered. %(count)s appointments are cancelled.",
        entered.cancelled,
    ) % {"count": entered.cancelled}
    if entered.to_call:
        return f"{said} " + _("No e-mail reaches some of the patients: whom to call stands below.")
    return f"{said} " + _("The patients are told by e-mail.")


def _ids(texts: Iterable[str]) -> set[UUID]:
    """Ids as the page sent them; what is none is left out."""
    found = set()
    for text in texts:
        try:
            found.add(parse_id(text))
        except NotFound:
            continue
    return found


def _choices(request: ActorRequest) -> list[Any]:
    calendars = visible_calendars(request.actor).order_by("position", "name")
    return [one for one in calendars if may_enter_absence(request.actor, one)]


def _wished(request: ActorRequest) -> str:
    asked = request.GET.get("calendar", "")
    if not asked or asked == PRACTICE:
        own = next((one for one in _choices(request) if one.member_id == request.actor.id), None)
        return str(own.id) if own and not asked else PRACTICE
    return str(get_calendar(request.actor, parse_id(asked)).id)


def _form(request: ActorRequest, *, shown: Absence | None = None, **options: Any) -> AbsenceForm:
    whole = may_enter_absence(request.actor, None)
    calendars = _choices(request)
    if shown is not None and not may_enter_absence(request.actor, shown.calendar):
        calendars, whole = [shown.calendar] if shown.calendar else [], shown.calendar is None
    return AbsenceForm(
        options.pop("data", None),
        zone=practice_of(request.actor).zone,
        calendars=calendars,
        whole_practice=whole,
        **options,
    )


def _show(
    request: ActorRequest,
    form: AbsenceForm,
    found: Absence | None = None,
    *,
    affected: Iterable[Any] = (),
    asks: bool = False,
    status: int = 200,
) -> HttpResponse:
    may_change = found is None or may_enter_absence(request.actor, found.calendar)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "form": form,
        "absence": found,
        "address": reverse("scheduling_hours:absence", args=[found.id])
        if found
        else reverse("scheduling_hours:new_absence"),
        "affected": lines(affected, practice_of(request.actor)),
        "to_call": lines(cancelled_in(request.actor, found), practice_of(request.actor)) if found else [],
        "asks": asks,
        "may_change": may_change,
    }
    return render(request, "scheduling/hours/absence.html", context, status=status)
