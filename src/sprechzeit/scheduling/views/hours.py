"""When a calendar works: its week to paint, its shifts, the holidays on which the practice works."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.hours import add_shift, remove_shift, set_week
from sprechzeit.scheduling.errors import AppointmentsOutside, EndsTooEarly, TimesOverlap, WeekExists
from sprechzeit.scheduling.forms.hours import PatternForm, RowSet, ShiftForm, rows_of, type_choices
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.policy import get_calendar, may_change_calendar, visible_types
from sprechzeit.scheduling.queries.hours import own_calendar, weeks_of
from sprechzeit.scheduling.views.hours_page import hours_page
from sprechzeit.scheduling.week import EVERY_WEEK, Pattern, Week

ALL = "all"  # in addresses: no calendar, but the windows of all


@require_safe
@visitor(Staff)
def week(request: ActorRequest) -> HttpResponse:
    """The week of one's own calendar, or of the first."""
    calendar = own_calendar(request.actor)
    if calendar is None:
        return render(request, "scheduling/hours/none.html")
    return _show(request, calendar)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def calendar_week(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """A calendar's weeks to paint, or with 'all' the booking windows of all calendars (CAL-2, CAL-4)."""
    calendar = _calendar(request, calendar_id)
    return _save(request, calendar) if request.method == "POST" else _show(request, calendar)


def _save(request: ActorRequest, calendar: Calendar | None) -> HttpResponse:
    """Write a week as it was painted or listed."""
    if calendar is not None and not may_change_calendar(request.actor, calendar):
        raise NotAllowed
    rows, pattern_form = _rows(request, calendar, request.POST), PatternForm(request.POST)
    former = _pattern(request.POST.get("former", ""))
    page: dict[str, Any] = {"rows": rows, "pattern_form": pattern_form, "former": former}
    if not (rows.is_valid() & pattern_form.is_valid()):
        return _show(request, calendar, status=422, **page)
    wanted = Week(pattern_form.pattern(), rows.working(), rows.windows())
    calendar_id_or_all = calendar.id if calendar else None
    try:
        set_week(
            request.actor, calendar_id_or_all, wanted, former=former, confirmed=bool(request.POST.get("confirmed"))
        )
    except WeekExists as refused:
        pattern_form.add_error("valid_from", str(refused))
        return _show(request, calendar, status=422, **page)
    except AppointmentsOutside as refused:
        return _show(request, calendar, status=409, **page, would_lie_outside=refused.appointments)
    messages.success(request, _("The working hours are saved."))
    return redirect(f"{_address(calendar)}?{urlencode({'week': key_of(wanted.pattern)})}")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_shift(request: ActorRequest, calendar_id: str) -> HttpResponse:
    """Work on one date otherwise than the week says (CAL-2). Come to by the way of signing in, it leads to the week."""
    calendar = get_calendar(request.actor, parse_id(calendar_id))
    if request.method != "POST":
        return redirect(_address(calendar))
    if not may_change_calendar(request.actor, calendar):
        raise NotAllowed
    form = ShiftForm(request.POST)
    if form.is_valid():
        try:
            add_shift(request.actor, calendar.id, **form.cleaned_data, confirmed=bool(request.POST.get("confirmed")))
        except (TimesOverlap, EndsTooEarly) as refused:
            form.add_error("starts", str(refused))
        except AppointmentsOutside as refused:
            return _show(request, calendar, status=409, shift_form=form, shift_would_leave=refused.appointments)
        else:
            messages.success(request, _("The shift is entered."))
            return redirect(_address(calendar))
    return _show(request, calendar, status=422, shift_form=form)


@require_POST
@visitor(Staff)
def shift_removal(request: ActorRequest, shift_id: str) -> HttpResponse:
    """Take a shift away: the week counts again."""
    shift = remove_shift(request.actor, parse_id(shift_id))
    messages.success(request, _("The shift is removed. The week counts again on that day."))
    return redirect(_address(shift.calendar))


def _calendar(request: ActorRequest, calendar_id: str) -> Calendar | None:
    return None if calendar_id == ALL else get_calendar(request.actor, parse_id(calendar_id))


def _address(calendar: Calendar | None) -> str:
    return reverse("scheduling_hours:calendar", args=[calendar.id if calendar else ALL])


def key_of(pattern: Pattern) -> str:
    """A pattern in an address: '2_2027-01-04_'."""
    days = (one.isoformat() if one else "" for one in (pattern.valid_from, pattern.valid_until))
    return "_".join([str(pattern.every_weeks), *days])


def _pattern(key: str) -> Pattern | None:
    """The pattern that a key names; None for none, and for what is no key."""
    form = PatternForm(dict(zip(("every_weeks", "valid_from", "valid_until"), key.split("_"), strict=False)))
    return form.pattern() if key and form.is_valid() else None


def _rows(request: ActorRequest, calendar: Calendar | None, data: QueryDict | None, week: Week | None = None) -> Any:
    types = type_choices(visible_types(request.actor).order_by("position", "name"))
    options: dict[str, Any] = {"types": types, "only_windows": calendar is None}
    return RowSet(data, initial=rows_of(week) if week else None, prefix="rows", form_kwargs=options)


def _show(
    request: ActorRequest, calendar: Calendar | None, *, status: int = 200, former: Pattern | None = None, **page: Any
) -> HttpResponse:
    weeks = weeks_of(request.actor, calendar.id if calendar else None)
    asked = request.GET.get("week", "")
    is_new = asked == "new" or (bool(page.get("rows")) and former is None)
    chosen = former or _pattern(asked)
    shown = Week() if is_new else weeks.get(chosen or EVERY_WEEK) or next(iter(weeks.values()))
    copied = _copied(request, calendar, shown.pattern)
    if "rows" not in page:
        page["rows"] = _rows(request, calendar, None, copied or shown)
    if "pattern_form" not in page:
        pattern = shown.pattern
        initial = {name: getattr(pattern, name) for name in ("every_weeks", "valid_from", "valid_until")}
        page["pattern_form"] = PatternForm(initial=initial)
    page |= {
        "shown": shown,
        "saved": None if is_new else shown,
        "former": "" if is_new else key_of(former or shown.pattern),
        "copied": copied is not None,
        "weeks": [
            {"key": key_of(one), "pattern": one, "current": not is_new and one == shown.pattern} for one in weeks
        ],
        "is_new": is_new,
        "address": _address(calendar),
    }
    context = hours_page(request.actor, calendar, page)
    return render(request, "scheduling/hours/week.html", context, status=status)


def _copied(request: ActorRequest, calendar: Calendar | None, pattern: Pattern) -> Week | None:
    """The week of another calendar, to begin with."""
    source = request.GET.get("copy", "")
    if not source or calendar is None:
        return None
    other: UUID = get_calendar(request.actor, parse_id(source)).id
    weeks = weeks_of(request.actor, other)
    return weeks.get(pattern) or next(iter(weeks.values()))
