"""Consents: of one record, and of all to one partner (PAT-20)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.actions import record_consent
from sprechzeit.patients.consent_form import ConsentForm
from sprechzeit.patients.policy import may_add_patient
from sprechzeit.patients.queries import ConsentState, consent_page, consents_about, history_of_consents
from sprechzeit.patients.record_page import record_frame
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.models import Partner
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.policy import get_partner, may_change_practice, visible_partners
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.initials import initials
from sprechzeit.ui.settings import form_key, saved

UNPROCESSABLE = 422
_NUMBER = re.compile("[0-9]{1,18}")


@require_safe
@visitor(Staff)
def consents(request: ActorRequest, patient_id: str) -> HttpResponse:
    """What a patient said to each partner, and everything they ever said."""
    return _record(request, patient_id)


@require_POST
@visitor(Staff)
def consent(request: ActorRequest, patient_id: str, partner_id: str) -> HttpResponse:
    """Write down what a patient said to one partner."""
    frame = record_frame(request.actor, parse_id(patient_id), "patients:consents")
    patient, partner = frame["patient"], get_partner(request.actor, parse_id(partner_id))
    require(frame["record"]["may_change"], NotAllowed)
    form = ConsentForm(request.POST, today=_today(request), now="", partner_id=partner.pk)

    def make(new: UUID) -> None:
        record_consent(request.actor, patient.pk, partner.pk, form.said(), consent_id=new)

    if form.is_valid():
        try:
            once_per_form(request.actor, f"consent:{patient.pk.hex}", request.POST, make)
            return saved(request, reverse("patients:consents", args=[patient.pk]))
        except KeyReused as error:
            form.add_error(None, str(error.message))
    return _record(request, patient_id, wrong=(partner, form))


def _record(request: ActorRequest, patient_id: str, wrong: tuple[Partner, ConsentForm] | None = None) -> HttpResponse:
    frame = record_frame(request.actor, parse_id(patient_id), "patients:consents")
    today, rows = _today(request), []
    for one in consents_about(request.actor, frame["patient"]):
        refused = wrong is not None and wrong[0].pk == one.partner.pk
        form = wrong[1] if wrong and refused else ConsentForm(today=today, now=one.value, partner_id=one.partner.pk)
        # A partner that is ended asks nobody any more.
        rows.append({"one": one, "form": form if one.partner.ended_at is None else None, "refused": refused})
    context = frame | {
        "rows": rows,
        "history": history_of_consents(request.actor, frame["patient"]),
        "key": form_key(),
        "manages": may_change_practice(request.actor),
    }
    return render(request, "patients/consents.html", context, status=UNPROCESSABLE if wrong else 200)


@require_safe
@visitor(Staff)
def of_partner(request: ActorRequest, partner_id: str) -> HttpResponse:
    """Who said what to one partner: everybody whom the viewer sees, by state, name or search."""
    require(may_add_patient(request.actor), NotAllowed)
    partner = get_partner(request.actor, parse_id(partner_id))
    require(visible_partners(request.actor).exclude(consents_at=None).exists(), NotFound)
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    chosen = ConsentState(state) if state in list(ConsentState) else ConsentState.ALL
    page = consent_page(request.actor, partner, chosen, asked, int(after) if _NUMBER.fullmatch(after) else None)
    context = {
        "partner": partner,
        "asked": asked,
        "state": chosen,
        "states": list(_states(partner, chosen, asked, page.counts)),
        "rows": [_row(one) for one in page.rows],
        "first_url": _to(partner, chosen, asked) if after else "",
        "later_url": _to(partner, chosen, asked, page.later) if page.later else "",
        "manages": may_change_practice(request.actor),
    }
    return render(request, "patients/consents_of_partner.html", context)


def _states(partner: Partner, chosen: ConsentState, asked: str, counts: dict[ConsentState, int]) -> Iterator[Any]:
    words = {
        ConsentState.ALL: _("All"),
        ConsentState.OPEN: _("Open"),
        ConsentState.YES: _("Yes"),
        ConsentState.NO: _("No"),
    }
    for one, label in words.items():
        yield {"label": label, "count": counts[one], "url": _to(partner, one, asked), "current": one is chosen}


def _row(one: Any) -> dict[str, Any]:
    patient = one.patient
    return {
        "one": one,
        "initials": initials(patient.first_name, patient.last_name),
        "colour": patient.number % 8 + 1,
        "url": reverse("patients:consents", args=[patient.pk]),
    }


def _to(partner: Partner, state: ConsentState, asked: str, after: int | None = None) -> str:
    query = {"state": state.value, "q": asked, "after": str(after or "")}
    said = urlencode({name: value for name, value in query.items() if value})
    return reverse("patients:consents_of_partner", args=[partner.pk]) + (f"?{said}" if said else "")


def _today(request: ActorRequest) -> date:
    return timezone.now().astimezone(practice_of(request.actor).zone).date()
