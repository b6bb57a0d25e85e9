"""A patient's sessions, one of them, and its facts."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.models import Patient
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.visitors import ActorRequest, StaffAndDelegates, visitor
from sprechzeit.records.actions.sessions import (
    bring_back_session,
    change_session,
    document_appointment,
    enter_session,
    withdraw_session,
)
from sprechzeit.records.forms import NewSessionForm, SessionForm
from sprechzeit.records.models import Session
from sprechzeit.records.note_page import note_context
from sprechzeit.records.policy import (
    FIELDS,
    fields_changed,
    get_session,
    may_add_sessions,
    may_withdraw_session,
    reads_note,
)
from sprechzeit.records.queries import list_sessions, read_patient_for_sessions, read_session
from sprechzeit.records.session_page import facts_of, rows_of
from sprechzeit.scheduling.errors import NotYet
from sprechzeit.ui.settings import form_key, saved

SEE_OTHER, UNPROCESSABLE = 303, 422


@require_safe
@visitor(StaffAndDelegates)
def sessions(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A patient's sessions by date, the newest first."""
    frame = record_frame(request.actor, parse_id(patient_id), "records:sessions")
    context = frame | {
        "rows": rows_of(request.actor, list_sessions(request.actor, frame["patient"])),
        "may_add": may_add_sessions(request.actor),
    }
    return render(request, "records/sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def new_session(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A session that no appointment was made for."""
    patient = read_patient_for_sessions(request.actor, parse_id(patient_id))
    require(may_add_sessions(request.actor), NotAllowed)
    sent = request.POST if request.method == "POST" else None
    form = NewSessionForm(sent, actor=request.actor, fields=FIELDS, key=form_key())

    def make(new: UUID) -> None:
        facts = form.columns(all_of_them=True)
        practitioner = facts.pop("practitioner").pk
        facts.pop("key")
        enter_session(request.actor, patient.pk, practitioner, facts.pop("starts_at"), session_id=new, **facts)

    if request.method == "POST" and form.is_valid():
        try:
            return _to_session(once_per_form(request.actor, "session", request.POST, make))
        except NotYet:
            form.add_error("day", _("A session is entered on its day or later."))
    context = patient_context(request, patient) | {"form": form, "title": _("New session")}
    context["back_url"] = reverse("records:sessions", args=[patient.pk])
    return render(request, "records/facts.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@visitor(StaffAndDelegates)
def documentation(request: ActorRequest, appointment_id: str) -> HttpResponse:
    """From an appointment to its session, which is made with the first time (DOC-1)."""
    return _to_session(document_appointment(request.actor, parse_id(appointment_id)).pk)


@require_safe
@visitor(StaffAndDelegates)
def session(request: ActorRequest, session_id: str) -> HttpResponse:
    """A session, and, for who may read it, what is written about it."""
    found = read_session(request.actor, parse_id(session_id))
    context = session_context(request, found)
    if reads_note(request.actor, found):
        context |= note_context(request.actor, found, template=request.GET.get("template", ""))
    return render(request, "records/session.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def facts(request: ActorRequest, session_id: str) -> HttpResponse:
    """Move a session's date, length and price, as far as the viewer may (ACC-1)."""
    find = get_session if request.method == "POST" else read_session
    found = find(request.actor, parse_id(session_id))
    fields = fields_changed(request.actor, found)
    require(bool(fields), NotAllowed)
    sent = request.POST if request.method == "POST" else None
    form = SessionForm(sent, actor=request.actor, fields=fields, session=found)
    url = reverse("records:session", args=[found.pk])
    if request.method == "POST" and form.is_valid():
        try:
            change_session(request.actor, found.pk, form.columns())
            return saved(request, url)
        except NotYet:
            form.add_error("day", _("A session is entered on its day or later."))
    context = patient_context(request, found.patient)
    context |= {"form": form, "title": _("Change session"), "back_url": url, "session": facts_of(request.actor, found)}
    return render(request, "records/facts.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def withdrawal(request: ActorRequest, session_id: str) -> HttpResponse:
    """Say that a session was entered by mistake, which is asked before, or bring it back (`withdrawn=no`)."""
    find = get_session if request.method == "POST" else read_session
    found = find(request.actor, parse_id(session_id))
    require(may_withdraw_session(request.actor, found), NotAllowed)
    url = reverse("records:session", args=[found.pk])
    if request.method != "POST":
        context = patient_context(request, found.patient) | {"session": facts_of(request.actor, found)}
        return render(request, "records/withdrawal.html", context)
    if request.POST.get("withdrawn") == "no":
        bring_back_session(request.actor, found.pk)
        return saved(request, url, _("The session counts again."))
    withdraw_session(request.actor, found.pk)
    return saved(request, url, _("The session counts no more. It can be brought back."))


def patient_context(request: ActorRequest, patient: Patient) -> dict[str, Any]:
    """Whom a page is about."""
    return {"patient": patient, "may_add": may_add_sessions(request.actor)}


def session_context(request: ActorRequest, found: Session) -> dict[str, Any]:
    """A session among the others of its patient that the viewer sees."""
    rows = rows_of(request.actor, list_sessions(request.actor, found.patient))
    facts = facts_of(request.actor, found)
    number = next((one["number"] for one in rows if one["id"] == found.pk), None)
    return patient_context(request, found.patient) | {"session": facts | {"number": number}, "rows": rows}


def _to_session(session_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("records:session", args=[session_id]), status=SEE_OTHER)
