"""The list of patients, and sharing what is chosen in it."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.audit.policy import may_read_log
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.actions import share_patients
from sprechzeit.patients.forms import SharingForm
from sprechzeit.patients.models import Patient, Share
from sprechzeit.patients.policy import may_add_patient, may_import, may_merge, may_share
from sprechzeit.patients.queries import (
    MOST_COUNTED,
    MOST_PAIRS_COUNTED,
    PatientPage,
    archived_patients,
    chosen_patients,
    count_pairs,
    list_patients,
    receivers,
    recent_patients,
    shares_of,
)
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.initials import initials

MOST_CHOSEN = 500
MOST_NAMED = 6  # of the chosen records, above the dialog
SEE_OTHER, UNPROCESSABLE = 303, 422
_NUMBER = re.compile("[0-9]{1,18}")


@require_safe
@visitor(Staff)
def patients(request: ActorRequest) -> HttpResponse:
    """Everybody whom the viewer sees, by name, or whom they search for; or what is archived."""
    if "archived" in request.GET:
        return _archive(request)
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    after = request.GET.get("after", "")
    page = list_patients(request.actor, asked, int(after) if _NUMBER.fullmatch(after) else None)
    context = {
        "asked": asked,
        "after": after,
        "rows": [
            _row(one, page.shares.get(one.pk, ())) | {"is_like": place >= len(page.patients) - page.like}
            for place, one in enumerate(page.patients)
        ],
        "counted": _counted(page, asked),
        "first_url": _back(asked, "") if after else "",
        "later_url": _back(asked, str(page.later)) if page.later else "",
        "may_share": may_share(request.actor),
        "reads_log": may_read_log(request.actor),
        "may_add": may_add_patient(request.actor),
        "may_merge": may_merge(request.actor),
        # Stands above what follows while somebody types: there it is not asked again with every letter.
        "duplicates": "" if request.headers.get("HX-Request") else _many(count_pairs(request.actor)),
        "may_import": may_import(request.actor),
        "recent": [_row(one, ()) for one in recent_patients(request.actor)] if not asked and not after else (),
    }
    return render(request, "patients/list.html", context)


def _many(count: int) -> str:
    """How many are to be decided; '' for none, and no number where nobody would count them."""
    return f"{count - 1}+" if count >= MOST_PAIRS_COUNTED else str(count or "")


def _archive(request: ActorRequest) -> HttpResponse:
    found = archived_patients(request.actor)
    shares = shares_of(request.actor, [one.pk for one in found])
    words = ngettext("%(count)s archived record", "%(count)s archived records", len(found))
    context = {
        "asked": "",
        "rows": [_row(one, shares.get(one.pk, ())) for one in found],
        "counted": words % {"count": len(found)},
        "is_archive": True,
        "reads_log": may_read_log(request.actor),
        "may_add": may_add_patient(request.actor),
    }
    return render(request, "patients/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def sharing(request: ActorRequest) -> HttpResponse:
    """Open the chosen records to members or to everyone. It is said before that it is final."""
    require(may_share(request.actor), NotAllowed)
    sent = request.POST if request.method == "POST" else request.GET
    ids = [parse_id(one) for one in sent.getlist("patient")]
    require(len(ids) <= MOST_CHOSEN, NotFound)
    chosen = chosen_patients(request.actor, ids)
    form = SharingForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if chosen and request.method == "POST" and form.is_valid():
        opened = share_patients(request.actor, [one.pk for one in chosen], form.members())
        return _shared(request, opened, len(chosen) - opened, form)
    return _dialog(request, form, chosen)


def _dialog(request: ActorRequest, form: SharingForm, chosen: Sequence[Patient]) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    as_page = not request.headers.get("HX-Request")
    members = list(receivers(request.actor))
    shares = shares_of(request.actor, [one.pk for one in chosen])
    context = {
        "form": form,
        "as_page": as_page,
        "chosen": chosen,
        "named": chosen[:MOST_NAMED],
        "unnamed": max(0, len(chosen) - MOST_NAMED),
        "to": form.data.get("to", ""),
        "members": [_member(one, chosen, shares, form) for one in members],
        "everyone": sum(any(given.member_id is None for given in of) for of in shares.values()),
        "back": {name: sent.get(name, "") for name in ("q", "after")},
        "back_url": _back(sent.get("q", ""), sent.get("after", "")),
    }
    template = "patients/sharing.html" if as_page else "patients/sharing.html#form"
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)


def _member(one: Any, chosen: Sequence[Patient], shares: dict[UUID, list[Share]], form: SharingForm) -> dict[str, Any]:
    """A member to choose, and how many of the chosen records are theirs or open to them already."""
    data: Any = form.data
    has = sum(
        patient.created_by_id == one.pk
        or any(given.member_id in (one.pk, None) for given in shares.get(patient.pk, ()))
        for patient in chosen
    )
    return {
        "member": one,
        "is_chosen": bool(form.is_bound) and str(one.pk) in data.getlist("member"),
        "sees_all": one.role != one.RoleChoice.PRACTITIONER,
        "has": has,
        "has_all": has == len(chosen),
    }


def _shared(request: ActorRequest, opened: int, before: int, form: SharingForm) -> HttpResponse:
    """Back to the list, which says what was done, and what was open before; a script is told where to go."""
    members = form.cleaned_data["member"] if form.members() is not None else ()
    names = ", ".join(one.name for one in members) or _("everyone, future members too")
    now = ngettext(
        "%(count)s patient is shared now with: %(names)s.", "%(count)s patients are shared now with: %(names)s.", opened
    )
    already = ngettext(
        "%(count)s patient was open to them before.", "%(count)s patients were open to them before.", before
    )
    facts = [(now, opened)] if opened else []
    facts += [(already, before)] if before else []
    said = " ".join(words % {"count": count, "names": names} for words, count in facts)
    (messages.success if opened else messages.info)(request, said)
    address = _back(request.POST.get("q", ""), request.POST.get("after", ""))
    if request.headers.get("HX-Request"):
        response = HttpResponse()
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address, status=SEE_OTHER)


def _row(patient: Patient, given: Sequence[Share]) -> dict[str, Any]:
    """A record in the list. `shared`: with whom, but for whom it belongs to."""
    others = [one.member for one in given if one.member and one.member_id != patient.created_by_id]
    return {
        "patient": patient,
        "initials": initials(patient.first_name, patient.last_name),
        "colour": patient.number % 8 + 1,
        "with_everyone": any(one.member_id is None for one in given),
        "shared": others,
        "names": ", ".join(one.name for one in others),
    }


def _counted(page: PatientPage, asked: str) -> str:
    many, count = page.count > MOST_COUNTED, page.count - page.like
    if many:
        return _("More than a thousand hits") if asked else ""
    if asked and page.like and not count:
        return _("No hit, but similar names")
    words = ngettext("%(count)s hit", "%(count)s hits", count) if asked else ngettext(
        "%(count)s patient whom you see", "%(count)s patients whom you see", count
    )  # fmt: skip
    return words % {"count": count}


def _back(asked: str, after: str) -> str:
    """The list as it was shown. `after`: the number of the last record before the page."""
    query = urlencode({name: value for name, value in (("q", asked), ("after", after)) if value})
    return reverse("patients:list") + (f"?{query}" if query else "")
