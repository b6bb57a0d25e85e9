"""A new appointment, and finding patients."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.core.crypto import link_token
from sprechzeit.core.ids import new_id
from sprechzeit.patients.queries import recent_patients, search_patients
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.scheduling.actions.appoint import book_appointment
from sprechzeit.scheduling.errors import ImpossibleLength, NotOffered, TimeTaken, VideoNeedsEmail
from sprechzeit.scheduling.forms.appointment import AppointmentForm
from sprechzeit.scheduling.new_page import dialog, hits
from sprechzeit.scheduling.queries.changes import last_change
from sprechzeit.scheduling.queries.conflicts import clock_span
from sprechzeit.scheduling.views.answers import done, explained, is_fragment

UNPROCESSABLE, CONFLICT = 422, 409
FROM_THE_BOOK = ("calendar", "day", "start", "end", "room", "patient", "type", "location", "fold")
STEPS = ("refresh", "choose_patient", "new_patient", "choose_time", "find")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def new(request: ActorRequest) -> HttpResponse:
    """The dialog of a new appointment (CAL-7). Every button but the last one only fills it in: then it comes again."""
    if request.method != "POST":
        initial: dict[str, Any] = {name: request.GET[name] for name in FROM_THE_BOOK if request.GET.get(name)}
        initial |= {"key": link_token("form", new_id()), "tell": True}
        return _dialog(request, AppointmentForm(actor=request.actor, initial=initial))
    if any(step in request.POST for step in STEPS):
        return _dialog(request, _filled_in(request))
    form = AppointmentForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _dialog(request, form, status=UNPROCESSABLE)
    try:
        made = book_appointment(request.actor, form.wish())
    except (ImpossibleLength, KeyReused, VideoNeedsEmail) as error:
        form.add_error(None, str(error.message))
        return _dialog(request, form, status=UNPROCESSABLE)
    except (NotOffered, TimeTaken) as error:
        return _dialog(request, form, status=CONFLICT, refusal=explained(request.actor, error))
    times = clock_span(made.starts_at, made.ends_at, practice_of(request.actor).zone)
    message = _("%(patient)s entered, %(time)s") % {"patient": made.patient.full_name, "time": times}
    return done(
        request,
        message,
        calendars=[made.calendar_id],
        at=made.starts_at,
        change=last_change(request.actor, made),
    )


def _filled_in(request: ActorRequest) -> AppointmentForm:
    """The form with what the pressed button chose, nothing checked yet."""
    data: dict[str, Any] = request.POST.dict()
    if "choose_patient" in data:
        data["patient"], data["is_new"], data["fit_type"] = data["choose_patient"], "", "on"
    if "new_patient" in data:
        data["patient"], data["is_new"] = "", "on"
        last, _comma, first = data.get("q", "").partition(",")
        data.setdefault("last_name", last.strip())
        data.setdefault("first_name", first.strip())
    if data.get("choose_time", "").count("~") == 2:
        data["calendar"], data["start"], data["fold"] = data["choose_time"].split("~")
        data["end"] = ""
    return AppointmentForm(initial=data, actor=request.actor)


def _dialog(
    request: ActorRequest,
    form: AppointmentForm,
    *,
    status: int = 200,
    refusal: object = None,
) -> HttpResponse:
    as_page = not is_fragment(request)
    asked = (form.data or form.initial).get("q", "")
    find = request.method == "POST" and "find" in request.POST
    context = {
        "form": form,
        "typed": form.data if form.is_bound else form.initial,
        "is_new": bool((form.data if form.is_bound else form.initial).get("is_new")),
        "refusal": refusal,
        "accepted": (form.data or form.initial).get("confirmed", ""),
        "as_page": as_page,
        "found": _found(request, asked) if find else None,
        **dialog(request.actor, form),
    }
    return render(request, "scheduling/new.html" if as_page else "scheduling/new.html#form", context, status=status)


def _found(request: ActorRequest, asked: str) -> dict[str, object]:
    patients = search_patients(request.actor, asked.replace("\x00", ""))
    return {"asked": asked.strip(), "hits": hits(request.actor, patients)}


@require_safe
@visitor(StaffAndDelegates)
def patients(request: ActorRequest) -> HttpResponse:
    """Hits for the patient of a new appointment, while somebody types."""
    return render(request, "scheduling/new.html#hits", {"found": _found(request, request.GET.get("q", ""))})


@require_safe
@visitor(StaffAndDelegates)
def search(request: ActorRequest) -> HttpResponse:
    """Patients with their next appointments (Ctrl+K): a list below the field, or a page. Before anything is typed:
    whose records were opened last.
    """
    template = "scheduling/search.html#hits" if is_fragment(request) else "scheduling/search.html"
    found = _found(request, request.GET.get("q", ""))
    if not found["asked"]:
        found |= {"hits": hits(request.actor, recent_patients(request.actor)), "is_recent": True}
    return render(request, template, {"found": found})
