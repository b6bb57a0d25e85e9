"""The settings of booking partners, for administrators (OTV-1)."""

from copy import copy
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.actions.partners import change_partner, end_partner, open_consents, register_partner
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.models import Partner, PartnerKey
from sprechzeit.practice.partner_form import PartnerForm
from sprechzeit.practice.partner_page import licence_note, partner_frame, state_of_partner, worry_about
from sprechzeit.practice.policy import get_partner, managed_partners, may_change_practice
from sprechzeit.practice.queries import keys_of_partners, practice_of
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
        if form.opens_more():
            require_fresh(request)
        try:
            made = once_per_form(request.actor, "partner", request.POST, make)
            said = _("Registered. Now it needs a key: ask the partner for its public one.")
            return saved(request, reverse("practice:partner_keys", args=[made]), said)
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
        if form.opens_more():
            require_fresh(request)
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


def _thing(found: Partner, today: date, worry: str) -> Thing:
    url = reverse("practice:partner", args=[found.pk])
    badge = ("triangle-alert", worry) if worry else ("", "")
    state = state_of_partner(found, today)[0]
    return Thing(found.pk, found.name, url, 1, state, badge=badge, retired=found.ended_at is not None)


def _things(request: ActorRequest, found: list[Partner]) -> list[Thing]:
    practice = practice_of(request.actor)
    today = timezone.now().astimezone(practice.zone).date()
    keys: dict[UUID, list[PartnerKey]] = {one.pk: [] for one in found}
    for one in keys_of_partners(request.actor, list(keys)):
        keys[one.partner_id].append(one)
    return [_thing(one, today, worry_about(one, keys[one.pk], practice)) for one in found]


def _page(
    request: ActorRequest, found: Partner | None, form: PartnerForm | None, *, chosen: bool = True
) -> HttpResponse:
    things = _things(request, list(managed_partners(request.actor).order_by("name")))
    listing = Listing(
        url=reverse("practice:partners"),
        things=things,
        current=next((one for one in things if found and one.id == found.pk), None),
        chosen=chosen,
        new_url=reverse("practice:new_partner"),
        retirement_url=reverse("practice:partner_end", args=[found.pk]) if found else "",
        key="" if found else request.POST.get("key", "") or form_key(),
    )
    frame = partner_frame(request.actor, found, "practice:partner") if found else {"partner": None}
    context = frame | {"listing": listing, "form": form, "opened": _has_opened(request), "licence": licence_note()}
    return render(request, "practice/partners.html", context, status=UNPROCESSABLE if form and form.errors else 200)


def _has_opened(request: ActorRequest) -> bool:
    """Whether records have the page of consents already, by whichever partner."""
    return managed_partners(request.actor).exclude(consents_at=None).exists()
