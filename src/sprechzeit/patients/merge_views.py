"""Merging two records, undoing it, and the list of those that may be one person's (PAT-4, PAT-14)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.audit.queries import log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, Moved, NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients import joining
from sprechzeit.patients.actions import dismiss_pair, merge_patients, reopen_pair, undo_merge
from sprechzeit.patients.errors import NotUndone, RecordsChanged, Relatives
from sprechzeit.patients.merge_page import compared_rows, heads_of, pair_rows, person_of, seen_words
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import get_patient, may_merge
from sprechzeit.patients.queries import facts_of, open_pairs, pair_of, pairs_with, search_patients
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

SEE_OTHER = 303


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def merging(request: ActorRequest, patient_id: str) -> HttpResponse:
    """Another record chosen, the two compared, and one made of them."""
    require(may_merge(request.actor), NotAllowed)
    kept = _record(request, parse_id(patient_id))
    sent = request.POST if request.method == "POST" else request.GET
    if request.method != "POST" and not sent.get("with"):
        return _choice(request, kept)
    other = _record(request, parse_id(sent.get("with", "")))
    if kept.pk == other.pk:
        raise NotFound
    if request.method != "POST":
        return _comparison(request, kept, other)
    try:
        made = merge_patients(request.actor, kept.pk, other.pk, request.POST.dict(), seen=request.POST.get("seen", ""))
    except (RecordsChanged, Relatives) as error:
        return _comparison(request, kept, other, error)
    return HttpResponseRedirect(reverse("patients:record", args=[kept.pk]) + f"?merged={made.pk}", status=SEE_OTHER)


def _record(request: ActorRequest, patient_id: UUID) -> Patient:
    """One of the two, as the viewer sees it by their role; where it was merged before, the way to the one kept."""
    found = get_patient(request.actor.by_role(), patient_id)
    if found.pk != patient_id:
        raise Moved(patient_id, found.pk)
    return found


def _choice(request: ActorRequest, kept: Patient) -> HttpResponse:
    """With whom? Who it may be anyway, and whom one searches for."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    log_read(request.actor, kept.practice_id, "patients_patient", kept.pk)
    pairs = pairs_with(request.actor, kept)
    others = [one.other if one.patient_id == kept.pk else one.patient for one in pairs]
    hits = [one for one in search_patients(request.actor.by_role(), asked) if one.pk != kept.pk] if asked else []
    context = {
        "record": person_of(kept),
        "asked": asked,
        "hits": [person_of(one) for one in hits],
        "others": [
            row | {"person": person_of(one)} for row, one in zip(pair_rows(pairs), others, strict=True)
        ],
    }  # fmt: skip
    return render(request, "patients/merge_choice.html", context)


def _comparison(request: ActorRequest, kept: Patient, other: Patient, error: DomainError | None = None) -> HttpResponse:
    actor = request.actor
    for one in (kept, other):
        log_read(actor, one.practice_id, "patients_patient", one.pk)
    facts = facts_of(actor, kept), facts_of(actor, other)
    context = {
        "heads": heads_of(actor, kept, other),
        "kept": person_of(kept),
        "other": person_of(other),
        "rows": compared_rows(actor, *facts, request.POST.dict()),
        "seen": joining.stamp(*facts),
        "sees": seen_words(actor, kept, other),
        "pair": pair_of(actor, kept, other),
        "error": error,
    }
    return render(request, "patients/merge.html", context, status=error.status if error else 200)


@require_POST
@visitor(Staff)
def merge_undone(request: ActorRequest, merge_id: str) -> HttpResponse:
    """Two records again."""
    wanted = parse_id(merge_id)
    try:
        merge = undo_merge(request.actor, wanted)
    except NotUndone as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(_back(request), status=SEE_OTHER)
    messages.success(
        request,
        _("They are two records again: No. %(one)s and No. %(other)s.")
        % {"one": merge.patient.number, "other": merge.given_up.number},
    )
    return HttpResponseRedirect(reverse("patients:record", args=[merge.patient_id]), status=SEE_OTHER)


def _back(request: ActorRequest) -> str:
    """The record at which it was pressed."""
    patient = get_patient(request.actor, parse_id(request.POST.get("record", "")))
    return reverse("patients:record", args=[patient.pk])


@require_safe
@visitor(Staff)
def duplicates(request: ActorRequest) -> HttpResponse:
    """Records that may be one person's, with the signs; or what was dismissed last."""
    require(may_merge(request.actor), NotAllowed)
    dismissed = "dismissed" in request.GET
    found = open_pairs(request.actor, dismissed=dismissed)
    context: dict[str, Any] = {
        "rows": pair_rows(found.pairs),
        "count": found.count,
        "is_dismissed": dismissed,
        "undo": parse_id(request.GET["undo"]) if request.GET.get("undo") else None,
    }
    return render(request, "patients/duplicates.html", context)


@require_POST
@visitor(Staff)
def dismissal(request: ActorRequest, pair_id: str) -> HttpResponse:
    """They are two persons; or, with `dismissed=no`, perhaps not."""
    address = reverse("patients:duplicates")
    if request.POST.get("dismissed") == "no":
        reopen_pair(request.actor, parse_id(pair_id))
        messages.success(request, _("The two records are in the list again."))
        return HttpResponseRedirect(address, status=SEE_OTHER)
    pair = dismiss_pair(request.actor, parse_id(pair_id))
    return HttpResponseRedirect(f"{address}?undo={pair.pk}", status=SEE_OTHER)
