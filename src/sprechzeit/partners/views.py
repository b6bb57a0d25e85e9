"""What a partner was told, for administrators (OTV-9)."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.partners.actions.deliveries import deliver_again, put_aside, switch_on
from sprechzeit.partners.queries.events import deliveries_of, partners_in_trouble, webhook_off
from sprechzeit.practice.partner_page import partner_frame
from sprechzeit.practice.policy import get_partner, may_change_practice
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import saved

PAGE = 50


@require_safe
@visitor(Staff)
def deliveries(request: ActorRequest, partner_id: str) -> HttpResponse:
    """What was sent to the partner, or is to be: when, how often, with what answer; the newest first."""
    require(may_change_practice(request.actor), NotAllowed)
    partner = get_partner(request.actor, parse_id(partner_id))
    frame = partner_frame(request.actor, partner, "webhooks:deliveries")
    context = frame | {
        "page": Paginator(deliveries_of(request.actor, partner.pk), PAGE).get_page(request.GET.get("page")),
        "failed": partners_in_trouble(request.actor).get(partner.pk, 0),
        "off": webhook_off(request.actor, partner),
        "zone": frame["practice"].zone,
    }
    return render(request, "partners/deliveries.html", context)


@require_POST
@visitor(Staff)
def again(request: ActorRequest, delivery_id: str) -> HttpResponse:
    """What the partner did not take is sent once more."""
    delivery = deliver_again(request.actor, parse_id(delivery_id))
    return saved(request, _page(delivery.event.partner_id), _("It is being sent again."))


@require_POST
@visitor(Staff)
def aside(request: ActorRequest, partner_id: str) -> HttpResponse:
    """What the partner did not take is left at that."""
    put_aside(request.actor, parse_id(partner_id))
    return saved(request, _page(parse_id(partner_id)), _("It is left at that."))


@require_POST
@visitor(Staff)
def on(request: ActorRequest, partner_id: str) -> HttpResponse:
    """Changes are sent to the address again that was said to be gone."""
    switch_on(request.actor, parse_id(partner_id))
    return saved(request, _page(parse_id(partner_id)), _("Changes are sent there again."))


def _page(partner_id: object) -> str:
    return reverse("webhooks:deliveries", args=[partner_id])
