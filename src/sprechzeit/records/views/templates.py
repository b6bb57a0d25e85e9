"""The settings of the practice's own templates of notes."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.access.table import Data, Reach
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.records.actions.templates import add_template, change_template, retire_template
from sprechzeit.records.forms import TemplateForm
from sprechzeit.records.models import NoteTemplate
from sprechzeit.records.policy import get_template, may_add_templates, may_change_template
from sprechzeit.records.queries import templates_in_order
from sprechzeit.ui.settings import Listing, Thing, form_key, saved, wants_retirement

UNPROCESSABLE = 422


@require_safe
@visitor(Staff)
def templates(request: ActorRequest) -> HttpResponse:
    """The templates that the viewer sees, and the first one's form."""
    require(request.actor.reach(Data.TEMPLATES) >= Reach.OWN, NotAllowed)
    return _page(request, templates_in_order(request.actor).filter(retired_at=None).first(), None, chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_template(request: ActorRequest) -> HttpResponse:
    """A template more."""
    require(may_add_templates(request.actor), NotAllowed)
    form = TemplateForm(request.POST if request.method == "POST" else None)

    def make(new: UUID) -> None:
        add_template(request.actor, new, **form.facts())

    if request.method == "POST" and form.is_valid():
        try:
            return saved(request, _url("template", once_per_form(request.actor, "note template", request.POST, make)))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def template(request: ActorRequest, template_id: str) -> HttpResponse:
    """One template, to be changed by its maker and by administrators."""
    found = get_template(request.actor, parse_id(template_id))
    form = _form(request, found)
    if request.method == "POST":
        require(may_change_template(request.actor, found), NotAllowed)
        if form.is_valid():
            try:
                change_template(request.actor, found.pk, **form.facts())
                return saved(request, _url("template", found.pk))
            except NameTaken as taken:
                form.add_error("name", str(taken))
    return _page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def template_retirement(request: ActorRequest, template_id: str) -> HttpResponse:
    """Offer a template no more, which is asked before, or again."""
    found = get_template(request.actor, parse_id(template_id))
    require(may_change_template(request.actor, found), NotAllowed)
    if request.method != "POST":
        return render(request, "records/template_retirement.html", {"template": found})
    found = retire_template(request.actor, parse_id(template_id), retired=wants_retirement(request.POST))
    return saved(request, _url("template", found.pk))


def _url(name: str, *arguments: object) -> str:
    return reverse(f"records_settings:{name}", args=arguments)


def _form(request: ActorRequest, found: NoteTemplate) -> TemplateForm:
    sent = request.POST if request.method == "POST" else None
    return TemplateForm(sent, template=found, may_change=may_change_template(request.actor, found))


def _thing(found: NoteTemplate) -> Thing:
    fields = ngettext("%(count)s field", "%(count)s fields", len(found.fields)) % {"count": len(found.fields)}
    whose = _("everyone") if found.opened_at else found.created_by.name
    return Thing(
        found.pk,
        found.name,
        _url("template", found.pk),
        found.created_by.colour,
        detail=f"{fields} · {whose}",
        retired=found.retired_at is not None,
    )


def _page(
    request: ActorRequest, found: NoteTemplate | None, form: TemplateForm | None, *, chosen: bool = True
) -> HttpResponse:
    things = {one.pk: _thing(one) for one in templates_in_order(request.actor)}
    may_change = found is None or may_change_template(request.actor, found)
    if form is None and found is not None:
        form = TemplateForm(template=found, may_change=may_change)
    listing = Listing(
        url=_url("templates"),
        things=list(things.values()),
        current=things[found.pk] if found else None,
        chosen=chosen,
        new_url=_url("new_template") if may_add_templates(request.actor) else "",
        retirement_url=_url("template_retirement", found.pk) if found and may_change else "",
        save=may_change,
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return render(
        request, "records/templates.html", {"listing": listing, "form": form, "template": found}, status=status
    )
