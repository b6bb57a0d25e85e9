"""Leaving the practice: first what is left behind, then it is asked (ACC-12)."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.errors import LastAdministrator
from sprechzeit.practice.policy import get_member, is_oneself, may_change_practice, may_end_membership
from sprechzeit.practice.queries import kept_without
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.errors import NotHandedOver
from sprechzeit.scheduling.policy import visible_calendars
from sprechzeit.scheduling.queries.departure import left_behind, successors
from sprechzeit.ui.settings import saved


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def departure(request: ActorRequest, member_id: str) -> HttpResponse:
    """Remove a member, or leave."""
    found = get_member(request.actor, parse_id(member_id))
    require(may_end_membership(request.actor, found), NotAllowed)
    refused: DomainError | None = None
    if request.method == "POST":
        require_fresh(request)
        successor = request.POST.get("successor")
        try:
            revokes = "accesses" in request.POST
            let_leave(request.actor, found.pk, parse_id(successor) if successor else None, revokes=revokes)
        except (NotHandedOver, LastAdministrator) as error:
            refused = error
        else:
            if is_oneself(request.actor, found):
                return HttpResponseRedirect(resolve_url("practices"), status=303)
            said = _("%(name)s is no longer a member.") % {"name": found.name}
            return saved(request, reverse("practice:team"), said)
    context = {
        "shown": found,
        "own": is_oneself(request.actor, found),
        "left": left_behind(request.actor, found),
        "kept": kept_without(request.actor, found),
        "successors": successors(request.actor, found),
        "hands_over": may_change_practice(request.actor),
        "refused": refused,
    }
    return render(request, "scheduling/settings/departure.html", context, status=refused.status if refused else 200)


@require_safe
@visitor(Staff)
def member_calendars(request: ActorRequest, member_id: str) -> HttpResponse:
    """Whose columns of the book they are; a part of the member's page."""
    found = get_member(request.actor, parse_id(member_id))
    calendars = visible_calendars(request.actor).filter(member_id=found.pk).order_by("position", "name")
    template = "scheduling/settings/member_calendars.html" + ("#calendars" if request.headers.get("HX-Request") else "")
    return render(request, template, {"shown": found, "calendars": calendars})
