"""The settings of booking partners, for administrators (OTV-1)."""

from copy import copy
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.actions.partners import change_partner, end_partner, open_consents, register_partner
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.models import Partner
from sprechzeit.practice.partner_form import PartnerForm
from sprechzeit.practice.policy import get_partner, managed_partners, may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import Listing, Thing, form_key, saved, wants_retirement

UNPROCESSABLE = 422


@require_safe
@visitor(Staff)
def partners(request: ActorRequest) -> HttpResponse:
    """The partners, and the first one's form."""
    require(may_change_practice(request.actor), NotAllowed)
    first = managed_partners(request.actor).filter(ended_at=None).order_by("name").first()
    return _page(request, first, _form(request, first) if first else None, chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def new_partner(request: ActorRequest) -> HttpResponse:
    """A partner more."""
    require(may_change_practice(request.actor), NotAllowed)
    form = _form(request, Partner())

    def make(new: UUID) -> None:
        register_partner(request.actor, form.facts(), partner_id=new)

    if request.method == "POST" and form.is_valid():
        try:
            made = once_per_form(request.actor, "partner", request.POST, make)
            return saved(request, reverse("practice:partner", args=[made]))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, None, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def partner(request: ActorRequest, partner_id: str) -> HttpResponse:
    """One partner."""
    require(may_change_practice(request.actor), NotAllowed)
    found = get_partner(request.actor, parse_id(partner_id))
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        try:
            change_partner(request.actor, found.pk, form.changes())
            return saved(request, reverse("practice:partner", args=[found.pk]))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def end(request: ActorRequest, partner_id: str) -> HttpResponse:
    """End a partner at once, which is asked before; or let it go on."""
    require(may_change_practice(request.actor), NotAllowed)
    found = get_partner(request.actor, parse_id(partner_id))
    if request.method != "POST":
        return render(request, "practice/partner_end.html", {"partner": found})
    ended = wants_retirement(request.POST)
    end_partner(request.actor, found.pk, ended=ended)
    said = _("The partner is ended: from now on it is refused.") if ended else _("The partner goes on.")
    return saved(request, reverse("practice:partner", args=[found.pk]), said)


@require_POST
@visitor(Staff)
def opening(request: ActorRequest, partner_id: str) -> HttpResponse:
    """Give every record its page of consents, before the first booking."""
    open_consents(request.actor, parse_id(partner_id))
    said = _("Every record has its page of consents now.")
    return saved(request, reverse("practice:partner", args=[parse_id(partner_id)]), said)


def _form(request: ActorRequest, found: Partner) -> PartnerForm:
    return PartnerForm(request.POST if request.method == "POST" else None, instance=copy(found))


def _state(found: Partner, today: date) -> str:
    if found.ended_at is not None or (found.ends_on and found.ends_on < today):
        return _("ended")
    if found.starts_on > today:
        return _("from %(day)s") % {"day": date_format(found.starts_on, "SHORT_DATE_FORMAT")}
    if found.ends_on is not None:
        return _("active until %(day)s") % {"day": date_format(found.ends_on, "SHORT_DATE_FORMAT")}
    return _("active")


def _thing(found: Partner, today: date) -> Thing:
    url = reverse("practice:partner", args=[found.pk])
    return Thing(found.pk, found.name, url, 1, _state(found, today), retired=found.ended_at is not None)


def _page(
    request: ActorRequest, found: Partner | None, form: PartnerForm | None, *, chosen: bool = True
) -> HttpResponse:
    zone = practice_of(request.actor).zone
    today = timezone.now().astimezone(zone).date()
    listing = Listing(
        url=reverse("practice:partners"),
        things=[_thing(one, today) for one in managed_partners(request.actor).order_by("name")],
        current=_thing(found, today) if found else None,
        chosen=chosen,
        new_url=reverse("practice:new_partner"),
        retirement_url=reverse("practice:partner_end", args=[found.pk]) if found else "",
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    context = {"listing": listing, "form": form, "partner": found, "opened": _has_opened(request)}
    return render(request, "practice/partners.html", context, status=UNPROCESSABLE if form and form.errors else 200)


def _has_opened(request: ActorRequest) -> bool:
    """Whether records have the page of consents already, by whichever partner."""
    return managed_partners(request.actor).exclude(consents_at=None).exists()
