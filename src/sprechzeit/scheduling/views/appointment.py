"""One appointment: its details, and what is done with it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.errors import DomainError, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, StaffAndDelegates, visitor
from sprechzeit.scheduling.actions.attend import PLANNED, set_attendance, set_remark
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment, swap_appointments
from sprechzeit.scheduling.actions.relocate import change_location
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.actions.undo import undo as undo_change
from sprechzeit.scheduling.appointment_page import details_of, place_of
from sprechzeit.scheduling.errors import (
    ChangedMeanwhile,
    HasCome,
    ImpossibleLength,
    NotOffered,
    NotSwappable,
    NotYet,
    TimeTaken,
)
from sprechzeit.scheduling.forms.appointment import MoveForm
from sprechzeit.scheduling.models import Appointment, AppointmentType, Attendance
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.appointment import read_appointment
from sprechzeit.scheduling.queries.changes import last_change
from sprechzeit.scheduling.queries.conflicts import clock_span
from sprechzeit.scheduling.views.answers import done, explained, is_fragment, refused

UNPROCESSABLE, CONFLICT = 422, 409
REFUSALS = (NotOffered, TimeTaken, ChangedMeanwhile, NotSwappable, NotYet)


@require_safe
@visitor(StaffAndDelegates)
def appointment(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """An appointment's details: for the popover, and a page of its own for who has no script."""
    found = read_appointment(request.actor, parse_id(appointment_id))
    as_page = not is_fragment(request)
    template = "scheduling/appointment.html" if as_page else "scheduling/appointment.html#appointment"
    return render(request, template, {"appointment": details_of(request.actor, found), "as_page": as_page})


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def place(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Move or resize an appointment: by dragging, or by the form 'Move …' (CAL-7)."""
    find = get_appointment if request.method == "POST" else read_appointment
    found = find(request.actor, parse_id(appointment_id))
    zone = practice_of(request.actor).zone
    if request.method != "POST":
        return _place_form(request, found, MoveForm(actor=request.actor, standing=found).proposing(request.GET))
    form = MoveForm(request.POST, actor=request.actor, standing=found)
    by_form = "form" in request.POST
    if not form.is_valid():
        return _place_form(request, found, form, status=UNPROCESSABLE)
    former, former_day = found.calendar_id, found.starts_at.astimezone(zone).date()
    try:
        moved = move_appointment(request.actor, found.id, form.place(), confirmed=form.accepted())
    except ImpossibleLength as error:
        form.add_error("end", str(error.message))
        return _place_form(request, found, form, status=UNPROCESSABLE)
    except REFUSALS as error:
        if by_form:
            return _place_form(request, found, form, status=CONFLICT, refusal=explained(request.actor, error))
        return refused(request, error, appointment=found)
    when, day = clock_span(moved.starts_at, moved.ends_at, zone), moved.starts_at.astimezone(zone).date()
    if day != former_day:  # then it is gone from the page
        when = f"{date_format(day, 'SHORT_DATE_FORMAT')}, {when}"
    message = _("%(patient)s moved to %(time)s") % {"patient": moved.patient.full_name, "time": when}
    return _done(request, moved, message, calendars=(former, moved.calendar_id))


def _place_form(
    request: ActorRequest, found: Appointment, form: MoveForm, *, status: int = 200, refusal: object = None
) -> HttpResponse:
    template = "scheduling/place.html#form" if is_fragment(request) else "scheduling/place.html"
    page = {"form": form.shown(), "appointment": found, "refusal": refusal, "accepted": form.data.get("confirmed", "")}
    return render(request, template, page, status=status)


@require_POST
@visitor(StaffAndDelegates)
def swap(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Let it change places with the appointment `with`."""
    former = get_appointment(request.actor, parse_id(appointment_id)).calendar_id
    other_id = _id(request, "with") if request.POST.get("with") else parse_id(appointment_id)
    try:
        accepted = request.POST.get("confirmed", "").split(",")
        one, other = swap_appointments(request.actor, parse_id(appointment_id), other_id, confirmed=accepted)
    except REFUSALS as error:
        return refused(request, error)
    message = _("%(one)s and %(other)s have changed places") % {
        "one": one.patient.full_name,
        "other": other.patient.full_name,
    }
    return _done(request, one, message, calendars=(former, one.calendar_id, other.calendar_id))


@require_POST
@visitor(StaffAndDelegates)
def attendance(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Planned, arrived, completed or did not come (CAL-7)."""
    state = request.POST.get("state", PLANNED)
    words = {
        PLANNED: _("%(patient)s: planned"),
        Attendance.State.ARRIVED: _("%(patient)s: arrived"),
        Attendance.State.COMPLETED: _("%(patient)s: completed"),
        Attendance.State.NO_SHOW: _("%(patient)s: did not come"),
    }
    found = get_appointment(request.actor, parse_id(appointment_id))
    if state not in words:
        raise NotFound
    try:
        found = set_attendance(request.actor, found.id, state)
    except DomainError as error:
        return _sorry(request, error)
    return _done(request, found, words[state] % {"patient": found.patient.full_name})


@require_POST
@visitor(StaffAndDelegates)
def remark(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Change the remark."""
    text = request.POST.get("remark", "").replace("\x00", "")[:2000].strip()
    found = set_remark(request.actor, parse_id(appointment_id), text)
    return _done(request, found, _("Remark saved"), undoable=False)


@require_POST
@visitor(StaffAndDelegates)
def location(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Let it take place elsewhere: here, by phone, at home or by video (PUSH-4)."""
    found = get_appointment(request.actor, parse_id(appointment_id))
    chosen = request.POST.get("location", found.location)
    if chosen not in AppointmentType.Location.values:
        raise NotFound
    try:
        found = change_location(request.actor, found.id, chosen)
    except DomainError as error:
        return _sorry(request, error)
    words = {"patient": found.patient.full_name, "location": place_of(chosen)["label"]}
    return _done(request, found, _("%(patient)s: %(location)s") % words)


@require_POST
@visitor(StaffAndDelegates)
def told(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """The patient knows of the new time: somebody told them (`already`), or a message does (`mail`; CAL-23)."""
    by_mail = request.POST.get("how") == "mail"
    try:
        found = tell_patient(request.actor, parse_id(appointment_id), by_mail=by_mail)
    except DomainError as error:
        return _sorry(request, error)
    message = _("A message goes to %(patient)s") if by_mail else _("%(patient)s knows of the time")
    return _done(request, found, message % {"patient": found.patient.full_name}, undoable=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def cancellation(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """Cancel an appointment (CAL-7). Come to by the way of signing in, it leads to the appointment."""
    if request.method != "POST":
        return redirect("scheduling:appointment", get_appointment(request.actor, parse_id(appointment_id)).id)
    reason = request.POST.get("reason", "").replace("\x00", "")[:500].strip()
    tell = "tell" in request.POST or "choice" not in request.POST
    tell_reason = "tell_reason" in request.POST
    try:
        found = cancel_appointment(
            request.actor, parse_id(appointment_id), reason=reason, tell=tell, tell_reason=tell_reason
        )
    except (ChangedMeanwhile, HasCome) as error:
        return _sorry(request, error)
    return _done(request, found, _("%(patient)s: cancelled") % {"patient": found.patient.full_name})


@require_POST
@visitor(Staff)
def undo(request: ActorRequest) -> HttpResponse:
    """Undo a change of one's own, or the last one (CAL-16)."""
    change_id = _id(request, "change") if request.POST.get("change") else None
    try:
        change = undo_change(request.actor, change_id)
    except (TimeTaken, ChangedMeanwhile) as error:
        return refused(request, error)
    except DomainError as error:
        return _sorry(request, error)
    calendars = {UUID(state["calendar"]) for state in (change.before, change.after) if state}
    thing = change.appointment or change.block
    return done(request, _("Undone"), calendars=calendars, at=thing.starts_at)


def _id(request: ActorRequest, field: str) -> UUID:
    return parse_id(request.POST.get(field, ""))


def _done(
    request: ActorRequest,
    found: Appointment,
    message: str,
    *,
    calendars: tuple[UUID, ...] = (),
    undoable: bool = True,
) -> HttpResponse:
    """Done; where the details are open, they follow."""
    shown = None
    if "details" in request.POST:
        shown = details_of(request.actor, get_appointment(request.actor, found.id))
    return done(
        request,
        message,
        calendars=calendars or (found.calendar_id,),
        at=found.starts_at,
        change=last_change(request.actor, found) if undoable else None,
        appointment=shown,
    )


def _sorry(request: ActorRequest, error: DomainError) -> HttpResponse:
    """A refusal in a line: in the toast, or on a page."""
    if error.status in (403, 404) or not is_fragment(request):
        raise error
    return render(request, "scheduling/sorry.html", {"message": error.message}, status=error.status)
