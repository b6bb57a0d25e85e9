"""The page of the log, its export, a patient's access report, and the diary of an access."""

from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.audit.jobs import check_practice
from sprechzeit.audit.policy import may_read_log
from sprechzeit.audit.queries import digest_of, head_of, log_export
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import search_patients
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.privacy.access_report import access_report
from sprechzeit.privacy.cursors import cursor_of, place_of
from sprechzeit.privacy.diary import lately, read_diary
from sprechzeit.privacy.diary_page import access_words, chosen_deeds, diary_lines, totals
from sprechzeit.privacy.exports import FORMS, Counted, rows_of
from sprechzeit.privacy.forms import DiaryForm, LogForm
from sprechzeit.privacy.policy import get_diary
from sprechzeit.privacy.queries import Place, Wish, all_entries, entries_in_turn, patient_for_log, read_log
from sprechzeit.privacy.words import lines_of

MOST_REPORTED = 50_000  # entries of a patient's report, which says so where there are more
IN_MEMORY = 1_000_000  # bytes of a file


@require_safe
@visitor(Staff)
def log(request: ActorRequest) -> HttpResponse:
    """Who did what, when, for whom; newest first. Where a name fits several patients, one of them is chosen first."""
    require(may_read_log(request.actor), NotAllowed)
    form = LogForm(_asked(request), actor=request.actor)
    if not form.is_valid():
        return render(request, "privacy/log.html", _frame(request, form), status=422)
    hits = _hits(request, form)
    if hits is not None and len(hits) != 1:
        choices = [(one, f"?{_query(form, patient=str(one.pk), named='')}") for one in hits]
        return render(request, "privacy/log.html", _frame(request, form) | {"choices": choices, "is_asked": True})
    wish = _wish(request, form, hits[0].pk if hits else None, place_of(request.GET.get("before", "")))
    chosen = str(wish.patient.pk) if wish.patient else ""
    return render(request, "privacy/log.html", _frame(request, form) | _page(request, form, wish, chosen))


def _page(request: ActorRequest, form: LogForm, wish: Wish, chosen: str) -> dict[str, Any]:
    page = read_log(request.actor, wish)
    query = _query(form, patient=chosen, named="")
    return {
        "lines": lines_of(request.actor, page.entries),
        "patient": wish.patient,
        "without_patient": f"?{_query(form, patient='', named='')}",
        "older": f"?{_query(form, patient=chosen, named='', before=cursor_of(page.older))}" if page.older else "",
        "newest": f"?{query}" if wish.before else "",
        "exports": [(name.upper(), f"{reverse('privacy:export', args=[name])}?{query}") for name in FORMS],
        "most_in_sheet": FORMS["xlsx"].most,
        "is_filtered": bool(query),
    }


@require_safe
@visitor(Staff)
def export(request: ActorRequest, form_of_file: str) -> HttpResponse:
    """All that fits the filter, not a page of it, as a file. That it was taken out is logged first (AUD-2)."""
    require(may_read_log(request.actor), NotAllowed)
    if form_of_file not in FORMS:
        raise NotFound
    form = LogForm(_asked(request), actor=request.actor)
    if not form.is_valid():
        raise NotFound
    require_fresh(request)
    wish, of_file = _wish(request, form), FORMS[form_of_file]
    lines = Counted(line for some in entries_in_turn(request.actor, wish) for line in lines_of(request.actor, some))
    # Written within the transaction, so that row security holds for all of it; a large one on the disk.
    out = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 – who sends it closes it
    try:
        of_file.write(rows_of(lines, of_file.most), out)
        facts = {"form": form_of_file, "hits": min(lines.count, of_file.most or lines.count)}
        log_export(request.actor, request.actor.practice_id, "audit_entry", digest_of(wish.terms), facts)
    except BaseException:
        out.close()
        raise
    return _sent(out, of_file.media_type, f"{_('Log')}.{form_of_file}")


@require_safe
@visitor(Staff)
def report(request: ActorRequest, patient_id: str) -> HttpResponse:
    """A patient's access report as PDF (AUD-5). That it was made is logged first."""
    patient = patient_for_log(request.actor, parse_id(patient_id))
    require_fresh(request)
    found = all_entries(request.actor, Wish(patient=patient), MOST_REPORTED + 1)
    entries, is_cut = found[:MOST_REPORTED], len(found) > MOST_REPORTED
    log_export(
        request.actor, patient.practice_id, "patients_patient", patient.pk, {"form": "pdf", "hits": len(entries)}
    )
    lines = lines_of(request.actor, entries, for_patient=True)
    made = access_report(practice_of(request.actor), patient, lines, is_cut=is_cut)
    return _file(made, "application/pdf", f"{_('Access report')} {patient.number}.pdf")


@require_POST
@visitor(Staff)
def check(request: ActorRequest) -> HttpResponse:
    """Have the whole chain checked now; the page says what was found."""
    require(may_read_log(request.actor), NotAllowed)
    check_practice.follow({"practice_id": str(request.actor.practice_id)})
    messages.success(request, _("The log is being checked. Load the page again in a moment to see what was found."))
    return HttpResponseRedirect(reverse("privacy:log"), status=303)


@require_safe
@visitor(Staff)
def diary(request: ActorRequest, access_id: str) -> HttpResponse:
    """What was done and looked at by an access (ACC-23): for administrators, and for whose data it opens."""
    found = get_diary(request.actor, parse_id(access_id))
    form = DiaryForm({name: request.GET.get(name, "") for name in DiaryForm.base_fields})
    context = {"access": access_words(request.actor, found), "form": form}
    if not form.is_valid():
        return render(request, "privacy/diary.html", context, status=422)
    day, deed = form.cleaned_data["day"], form.cleaned_data["deed"]
    page = read_diary(request.actor, found, deed=deed, day=day, before=place_of(request.GET.get("before", "")))
    kept = {"day": day.isoformat() if day else "", "deed": deed}
    context |= {
        "lines": diary_lines(page.notes),
        "totals": totals(lately(request.actor, found)),
        "deeds": [(label, f"?{_said(kept | {'deed': value})}", value == deed) for value, label in chosen_deeds()],
        "older": f"?{_said(kept | {'before': cursor_of(page.older)})}" if page.older else "",
        "newest": f"?{_said(kept)}" if request.GET.get("before") else "",
        "deed": deed,
        "is_filtered": bool(day or deed),
    }
    return render(request, "privacy/diary.html", context)


def _said(facts: dict[str, str]) -> str:
    return urlencode({name: value for name, value in facts.items() if value})


def _asked(request: ActorRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in LogForm.base_fields}


def _hits(request: ActorRequest, form: LogForm) -> list[Patient] | None:
    """The patients that what was typed may mean; None where nobody was named."""
    named = form.cleaned_data["named"]
    return search_patients(request.actor, named) if named else None


def _wish(request: ActorRequest, form: LogForm, found: UUID | None = None, before: Place | None = None) -> Wish:
    wish, chosen = form.wish(), form.cleaned_data["patient"]
    patient_id = found or (parse_id(chosen) if chosen else None)
    patient = patient_for_log(request.actor, patient_id) if patient_id else None
    return replace(wish, patient=patient, before=before)


def _frame(request: ActorRequest, form: LogForm) -> dict[str, Any]:
    """What stands around the entries: the filter, and whether the chain is whole."""
    head = head_of(request.actor)
    zone = practice_of(request.actor).zone
    return {
        "form": form,
        "head": head,
        "sealed_at": head.sealed_at.astimezone(zone) if head else None,
        "checked_at": head.checked_at.astimezone(zone) if head and head.checked_at else None,
        "trouble": head.problem.partition(":")[0] if head else "",
        "entry": head.problem.partition(":")[2] if head else "",
    }


def _query(form: LogForm, **more: str) -> str:
    """The filter as an address has it."""
    return _said({**form.data, **more})


def _sent(out: SpooledTemporaryFile[bytes], kind: str, name: str) -> HttpResponse:
    """A small file as one answer; a large one piece by piece, which to a view is the same."""
    size = out.tell()
    out.seek(0)
    if size > IN_MEMORY:
        return cast(HttpResponse, FileResponse(out, as_attachment=True, filename=name, content_type=kind))
    with out:
        return _file(out.read(), kind, name)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
