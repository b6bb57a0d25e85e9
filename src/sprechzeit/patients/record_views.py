"""The page of a record: its master data, a new one, and the archive (PAT-1)."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Role
from sprechzeit.core.acting import require
from sprechzeit.core.crypto import link_token
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id, parse_id
from sprechzeit.patients import facts as said
from sprechzeit.patients.actions import archive_patient, bring_back_patient, change_patient, enter_patient
from sprechzeit.patients.errors import LikelyDuplicate, RecordChanged
from sprechzeit.patients.facts import Facts, merged
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import (
    get_patient,
    may_add_patient,
    may_change_patient,
    may_choose_owner,
    may_merge,
    may_share,
)
from sprechzeit.patients.queries import (
    facts_of,
    information_on,
    likely_duplicates,
    merges_of,
    origin_of,
    search_patients,
    shares_of,
    tag_names,
)
from sprechzeit.patients.record_form import MasterData, shown_facts
from sprechzeit.patients.record_page import record_frame
from sprechzeit.patients.record_words import alike_rows, meanwhile_rows, rows_of
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.visitors import ActorRequest, Staff, StaffAndDelegates, visitor

SEE_OTHER, CONFLICT, UNPROCESSABLE = 303, 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def record(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A record's master data: to be read, and by who may, changed in place."""
    actor = request.actor
    if request.method != "POST":
        return _record(request, patient_id)
    patient = get_patient(actor, parse_id(patient_id))
    require(may_change_patient(actor, patient), NotAllowed)
    shown, current = shown_facts(request.POST.get("shown", "")), facts_of(actor, patient)
    forms = MasterData(actor, current, sent=request.POST, number=patient.number)
    if not forms.is_valid():
        return _record(request, patient_id, forms=forms, shown=shown, status=UNPROCESSABLE)
    typed = forms.facts()
    try:
        change_patient(actor, patient.pk, shown, typed)
    except RecordChanged as error:
        shown = {**said.EMPTY, **shown}
        forms = MasterData(actor, merged(shown, typed, dict(error.current)), number=patient.number)
        rows = meanwhile_rows(actor, error, shown, typed)
        return _record(request, patient_id, forms=forms, shown=dict(error.current), meanwhile=rows, status=CONFLICT)
    messages.success(request, _("Saved"))
    return _to(patient)


def _record(
    request: ActorRequest, patient_id: str, *, forms: MasterData | None = None, shown: Mapping[str, Any] | None = None,
    meanwhile: object = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = request.actor
    frame = record_frame(actor, parse_id(patient_id), "patients:record")
    patient: Patient = frame["patient"]
    head = frame["record"]
    facts = facts_of(actor, patient) if head["whole"] else None
    if head["may_change"] and facts and forms is None:
        forms, shown = MasterData(actor, facts, number=patient.number), facts
    by_role = may_add_patient(actor) and head["may_change"]
    context = frame | {
        "forms": forms,
        "shown": json.dumps(shown),
        "rows": rows_of(actor, patient, facts) if forms is None else (),
        "tag_names": tag_names(actor) if forms else (),
        "meanwhile": meanwhile,
        "shares": shares_of(actor, [patient.pk]).get(patient.pk, ()),
        "may_share": may_share(actor) and by_role,
        "may_merge": may_merge(actor) and by_role,
        "merges": merges_of(actor, patient),
        "merged": parse_id(request.GET["merged"]) if request.GET.get("merged") else None,
        "information": information_on(actor, patient) if by_role else None,
        "origin": origin_of(actor, patient) if by_role else None,
    }
    return render(request, "patients/record.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new(request: ActorRequest) -> HttpResponse:
    """A new record; who may be the same person is shown before it is made."""
    actor = request.actor
    require(may_add_patient(actor), NotAllowed)
    for_others = may_choose_owner(actor)
    if request.method != "POST":
        last, _comma, first = request.GET.get("q", "").replace("\x00", "")[:200].partition(",")
        begun = said.EMPTY | {"last_name": last.strip(), "first_name": first.strip()}
        own = actor.identity if actor.role is Role.ADMINISTRATOR else None
        forms = MasterData(actor, begun, chooses_owner=for_others, owner=own)
        return _new(request, forms, key=link_token("form", new_id()))
    forms = MasterData(actor, said.EMPTY, sent=request.POST, chooses_owner=for_others)
    if not forms.is_valid():
        return _new(request, forms, status=UNPROCESSABLE)
    owner = forms.record.cleaned_data.get("belongs_to")
    known = frozenset(request.POST.getlist("known"))
    key = request.POST.get("key", "")
    try:
        made = enter_patient(actor, forms.facts(), belongs_to=owner.pk if owner else None, key=key, known=known)
    except LikelyDuplicate:
        return _new(request, forms, alike=forms.facts(), status=CONFLICT)
    except KeyReused as error:
        forms.record.add_error(None, str(error.message))
        return _new(request, forms, status=UNPROCESSABLE)
    messages.success(request, _("The record was created."))
    return HttpResponseRedirect(reverse("patients:record", args=[made]), status=SEE_OTHER)


def _new(
    request: ActorRequest, forms: MasterData, *, key: str = "", alike: Facts | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "forms": forms,
        "key": key or request.POST.get("key", ""),
        "tag_names": tag_names(request.actor),
        "alike": alike_rows(likely_duplicates(request.actor, alike)) if alike else (),
    }
    return render(request, "patients/new.html", context, status=status)


@require_POST
@visitor(Staff)
def archiving(request: ActorRequest, patient_id: str) -> HttpResponse:
    """Archive a record, or bring it back (`archived=no`)."""
    if request.POST.get("archived") == "no":
        patient = bring_back_patient(request.actor, parse_id(patient_id))
        messages.success(request, _("The record is active again."))
    else:
        patient = archive_patient(request.actor, parse_id(patient_id))
        messages.success(request, _("The record is archived. It can be brought back at any time."))
    return _to(patient)


@require_safe
@visitor(Staff)
def people(request: ActorRequest) -> HttpResponse:
    """Hits for a guardian or payer, while somebody types."""
    found = search_patients(request.actor.by_role(), request.GET.get("q", "").replace("\x00", ""))
    return render(request, "patients/people.html", {"people": found})


def _to(patient: Patient) -> HttpResponse:
    return HttpResponseRedirect(reverse("patients:record", args=[patient.pk]), status=SEE_OTHER)
