"""The settings of the practice's own templates of reports."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Data, Reach
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.records.actions.report_templates import (
    add_report_template,
    change_report_template,
    retire_report_template,
)
from sprechzeit.records.errors import UnknownPlaceholder
from sprechzeit.records.models import ReportTemplate
from sprechzeit.records.models.reports import MOST_BODY
from sprechzeit.records.policy import get_report_template, may_add_templates, may_change_template
from sprechzeit.records.queries.report_templates import report_templates_in_order
from sprechzeit.records.report_forms import ReportTemplateForm
from sprechzeit.records.report_page import gaps, placeholders
from sprechzeit.records.report_starts import delivered
from sprechzeit.records.report_text import Block, blocks_of, filled, unknown_placeholders
from sprechzeit.records.report_words import sample_values
from sprechzeit.ui.settings import Listing, Thing, form_key, saved, wants_retirement

UNPROCESSABLE = 422


@require_safe
@visitor(Staff)
def report_templates(request: ActorRequest) -> HttpResponse:
    """The templates that the viewer sees, and the first one's form."""
    require(request.actor.reach(Data.TEMPLATES) >= Reach.OWN, NotAllowed)
    found = report_templates_in_order(request.actor).filter(retired_at=None).first()
    return _page(request, found, None, chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_report_template(request: ActorRequest) -> HttpResponse:
    """A template more, from nothing or from what the program brings along."""
    require(may_add_templates(request.actor), NotAllowed)
    wanted = request.GET.get("from", "")
    begun = next((one for one in delivered() if one.key == wanted), None)
    form = ReportTemplateForm(request.POST if request.method == "POST" else None, begun=begun)

    def make(new: UUID) -> None:
        add_report_template(request.actor, new, **form.facts())

    if request.method == "POST" and form.is_valid():
        try:
            new = once_per_form(request.actor, "report template", request.POST, make)
            return saved(request, _url("report_template", new))
        except (NameTaken, UnknownPlaceholder) as error:
            _refused(form, error)
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def report_template(request: ActorRequest, template_id: str) -> HttpResponse:
    """One template, to be changed by its maker and by administrators."""
    found = get_report_template(request.actor, parse_id(template_id))
    may_change = may_change_template(request.actor, found)
    sent = request.POST if request.method == "POST" else None
    form = ReportTemplateForm(sent, template=found, may_change=may_change)
    if request.method == "POST":
        require(may_change, NotAllowed)
        if form.is_valid():
            try:
                change_report_template(request.actor, found.pk, **form.facts())
                return saved(request, _url("report_template", found.pk))
            except (NameTaken, UnknownPlaceholder) as error:
                _refused(form, error)
    return _page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def report_template_retirement(request: ActorRequest, template_id: str) -> HttpResponse:
    """Offer a template no more, which is asked before, or again."""
    found = get_report_template(request.actor, parse_id(template_id))
    require(may_change_template(request.actor, found), NotAllowed)
    if request.method != "POST":
        return render(request, "records/report_template_retirement.html", {"template": found})
    found = retire_report_template(request.actor, found.pk, retired=wants_retirement(request.POST))
    return saved(request, _url("report_template", found.pk))


@require_POST
@visitor(Staff)
def report_preview(request: ActorRequest) -> HttpResponse:
    """What a template gives for somebody who does not exist, while it is typed. Nothing is kept."""
    require(may_add_templates(request.actor), NotAllowed)
    body = request.POST.get("body", "")[:MOST_BODY]
    context = {"blocks": _sample(body), "unknown": unknown_placeholders(body)}
    return render(request, "records/report_templates.html#preview", context)


def _refused(form: ReportTemplateForm, error: DomainError) -> None:
    if isinstance(error, UnknownPlaceholder):
        names = ", ".join("{%s}" % name for name in error.details["names"])  # noqa: UP031 – braces are the text
        form.add_error("body", _("There is no placeholder %(names)s.") % {"names": names})
    else:
        form.add_error("name", str(error))


def _sample(body: str) -> list[Block]:
    return blocks_of(filled(body, sample_values(), gaps()))


def _url(name: str, *arguments: object) -> str:
    return reverse(f"records_settings:{name}", args=arguments)


def _thing(found: ReportTemplate) -> Thing:
    whose = _("everyone") if found.opened_at else found.created_by.name
    is_retired = found.retired_at is not None
    url = _url("report_template", found.pk)
    return Thing(found.pk, found.name, url, found.created_by.colour, detail=whose, retired=is_retired)


def _page(
    request: ActorRequest, found: ReportTemplate | None, form: ReportTemplateForm | None, *, chosen: bool = True
) -> HttpResponse:
    things = {one.pk: _thing(one) for one in report_templates_in_order(request.actor)}
    may_change = found is None or may_change_template(request.actor, found)
    if form is None and found is not None:
        form = ReportTemplateForm(template=found, may_change=may_change)
    listing = Listing(
        url=_url("report_templates"),
        things=list(things.values()),
        current=things[found.pk] if found else None,
        chosen=chosen,
        new_url=_url("new_report_template") if may_add_templates(request.actor) else "",
        retirement_url=_url("report_template_retirement", found.pk) if found and may_change else "",
        save=may_change,
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    body = str(form["body"].value() or "") if form else ""
    context = {
        "listing": listing,
        "form": form,
        "template": found,
        "placeholders": placeholders(),
        "blocks": _sample(body[:MOST_BODY]),
        "unknown": unknown_placeholders(body),
        "delivered": delivered() if form is not None and found is None else (),
    }
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return render(request, "records/report_templates.html", context, status=status)
