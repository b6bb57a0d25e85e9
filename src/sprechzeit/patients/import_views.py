"""Importing patients from a file: brought, its columns told, looked at, entered, taken back (PAT-5)."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Role
from sprechzeit.audit.queries import log_export
from sprechzeit.core.acting import require
from sprechzeit.core.cells import write_csv
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.core.requests import takes_file
from sprechzeit.patients.actions import (
    bring_file,
    cancel_import,
    map_columns,
    start_import,
    take_back_import,
)
from sprechzeit.patients.errors import BadLines, UnusableList
from sprechzeit.patients.import_forms import ColumnsForm, FileForm, StartForm
from sprechzeit.patients.import_words import reasons, shown
from sprechzeit.patients.importing.tables import MOST_BYTES
from sprechzeit.patients.models import PatientImport
from sprechzeit.patients.policy import may_import
from sprechzeit.patients.queries import (
    SHOWN_LINES,
    Preview,
    entered_by,
    import_of,
    kept_records,
    left_lines,
    preview_of,
    progress_of,
    recent_imports,
)
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor

SEE_OTHER, UNPROCESSABLE = 303, 422


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def imports(request: ActorRequest) -> HttpResponse:
    """The latest imports, and a form for a new one."""
    require(may_import(request.actor), NotAllowed)
    posted = request.method == "POST"
    form = FileForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = bring_file(request.actor, file.name, file.read())
            return HttpResponseRedirect(reverse("patients:import", args=[made]), status=SEE_OTHER)
        except UnusableList as refused:
            form.add_error("file", str(refused))
    rows = [{"source": one, "step": step_of(one)} for one in recent_imports(request.actor)]
    context = {"form": form, "rows": rows}
    return render(request, "patients/imports.html", context, status=UNPROCESSABLE if form.errors else 200)


def step_of(source: PatientImport) -> str:
    """How far an import is: 'columns', 'reading', 'preview', 'running', 'finished', 'cancelled', 'taking_back' or
    'taken_back'.
    """
    steps = (
        (source.taken_back_at, "taken_back"),
        (source.taking_back_at, "taking_back"),
        (source.finished_at, "finished"),
        (source.cancelled_at, "cancelled"),
        (source.started_at, "running"),
        (source.checked_at, "preview"),
        (source.mapped_at, "reading"),
    )
    return next((step for moment, step in steps if moment), "columns")


@require_safe
@visitor(Staff)
def one_import(request: ActorRequest, import_id: str) -> HttpResponse:
    """Where the import is: on its way, looked at before it is entered, or what became of it."""
    source, _head = import_of(request.actor, parse_id(import_id))
    step = step_of(source)
    if step == "columns":
        return HttpResponseRedirect(reverse("patients:import_columns", args=[source.pk]))
    if step == "preview":
        begun = {"belongs_to": request.actor.identity if request.actor.role is Role.ADMINISTRATOR else None}
        return _preview(request, source, StartForm(None, actor=request.actor, initial=begun))
    is_on_its_way = step in ("reading", "running", "taking_back")
    if request.headers.get("HX-Request"):
        if is_on_its_way:
            return render(request, "patients/import.html#progress", _progress(request, source, step))
        response = HttpResponse()
        response["HX-Redirect"] = reverse("patients:import", args=[source.pk])
        return response
    context = _progress(request, source, step) if is_on_its_way else _ended(request, source, step)
    return render(request, "patients/import.html", context)


def _progress(request: ActorRequest, source: PatientImport, step: str) -> dict[str, Any]:
    at_once = step == "running" and source.choices["bad_lines"] == "all"
    progress = progress_of(request.actor, source) if step in ("reading", "running") and not at_once else None
    return {"source": source, "step": step, "progress": progress, "is_on_its_way": True}


def _ended(request: ActorRequest, source: PatientImport, step: str) -> dict[str, Any]:
    if step == "cancelled" and source.started_at:
        source.entered = entered_by(request.actor, source)
    may_take_back = bool(source.started_at) and step in ("finished", "cancelled") and source.entered > 0
    return {
        "source": source,
        "step": step,
        "may_take_back": may_take_back,
        "kept": kept_records(request.actor, source) if step == "taken_back" else (),
        "has_left": source.left_out > 0 and source.head is not None,
    }


def _preview(request: ActorRequest, source: PatientImport, form: StartForm, status: int = 200) -> HttpResponse:
    preview = preview_of(request.actor, source)
    decided = form.decided() if form.is_bound else {}
    context = {
        "source": source,
        "form": form,
        "preview": preview,
        "good": preview.lines - preview.bad,
        "new": preview.lines - preview.bad - preview.alike,
        "first": [shown(one) for one in preview.first],
        "faulty": [{"n": one["n"], "reasons": reasons(one)} for one in preview.faulty],
        "doubtful": [shown(one) | {"decided": decided.get(one["n"], "")} for one in preview.doubtful],
        "unshown": _unshown(preview),
    }
    return render(request, "patients/import_preview.html", context, status=status)


def _unshown(preview: Preview) -> dict[str, int]:
    """Of how many lines no more is said than how many they are."""
    return {"faulty": max(0, preview.bad - SHOWN_LINES), "doubtful": max(0, preview.alike - SHOWN_LINES)}


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def columns(request: ActorRequest, import_id: str) -> HttpResponse:
    """What each column holds; all lines are read by that."""
    source, head = import_of(request.actor, parse_id(import_id))
    if source.is_cards or step_of(source) not in ("columns", "reading", "preview") or not head:
        return HttpResponseRedirect(reverse("patients:import", args=[source.pk]))
    form = ColumnsForm(request.POST if request.method == "POST" else None, head=head, choices=source.choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        titled = given.get("titled", False)
        map_columns(request.actor, source.pk, form.columns(), order=given["order"], titled=titled)
        return HttpResponseRedirect(reverse("patients:import", args=[source.pk]), status=SEE_OTHER)
    context = {"source": source, "form": form, "may_change": True}
    return render(request, "patients/import_columns.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@visitor(Staff)
def start(request: ActorRequest, import_id: str) -> HttpResponse:
    """Have the lines entered; pressed twice it is once."""
    source, _head = import_of(request.actor, parse_id(import_id))
    form = StartForm(request.POST, actor=request.actor)
    if step_of(source) == "preview" and not form.is_valid():
        return _preview(request, source, form, status=UNPROCESSABLE)
    if form.is_valid():
        given = form.cleaned_data
        owner = given["belongs_to"]
        try:
            start_import(
                request.actor, source.pk, belongs_to=owner.pk if owner else None, alike=given["alike"],
                bad_lines=given["bad_lines"], decided=form.decided(),
            )  # fmt: skip
        except BadLines as refused:
            form.add_error("bad_lines", str(refused))
            return _preview(request, source, form, status=UNPROCESSABLE)
    return HttpResponseRedirect(reverse("patients:import", args=[source.pk]), status=SEE_OTHER)


@require_POST
@visitor(Staff)
def cancellation(request: ActorRequest, import_id: str) -> HttpResponse:
    """Stop it, or throw the file away before it is begun."""
    source, _head = import_of(request.actor, parse_id(import_id))
    cancel_import(request.actor, source.pk)
    return HttpResponseRedirect(reverse("patients:import", args=[source.pk]), status=SEE_OTHER)


@require_POST
@visitor(Staff)
def taking_back(request: ActorRequest, import_id: str) -> HttpResponse:
    """Remove what was entered and not touched since."""
    source, _head = import_of(request.actor, parse_id(import_id))
    take_back_import(request.actor, source.pk)
    return HttpResponseRedirect(reverse("patients:import", args=[source.pk]), status=SEE_OTHER)


@require_safe
@visitor(Staff)
def left_out(request: ActorRequest, import_id: str) -> HttpResponse:
    """The lines that were not, or cannot be, entered, as a file: with number and reason, to be corrected there."""
    source, head = import_of(request.actor, parse_id(import_id))
    log_export(request.actor, source.practice_id, "patients_patientimport", source.pk, {"form": "csv"})
    out = BytesIO()  # no larger than the file was
    write_csv(_left_rows(request, source, head), out)
    name = content_disposition_header(True, _("left out") + ".csv")
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _left_rows(request: ActorRequest, source: PatientImport, head: dict[str, Any]) -> Iterator[Sequence[str]]:
    yield [_("Line"), _("Reason"), *head.get("titles", ())]
    for line in left_lines(request.actor, source):
        yield [str(line["n"]), "; ".join(reasons(line)), *line["cells"]]
