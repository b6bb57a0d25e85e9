"""Settings → Calendar community (COM-1…8)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.community import actions
from sprechzeit.community.errors import AlreadyInCommunity, CodeUnknown, RoomShared, SpaceAssigned, SpaceUsed
from sprechzeit.community.forms import CodeForm, NameForm, RoomsForm, SpaceForm
from sprechzeit.community.page import communities_of
from sprechzeit.community.policy import (
    changed_membership,
    get_membership,
    get_space,
    may_change_communities,
    standing_membership,
    visible_spaces,
)
from sprechzeit.community.queries import Partner, partners, shared_rooms, using
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.core.limits import Limit
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.errors import TimesCollide
from sprechzeit.ui.settings import saved

# A code is one of 852 thousand millions: nobody finds one by trying.
ENTERING = Limit("community-codes", 10, 3600)


@require_safe
@visitor(Staff)
def communities(request: ActorRequest) -> HttpResponse:
    """With whom the practice shares rooms, and which."""
    practice = practice_of(request.actor)
    context = {
        "communities": communities_of(request.actor),
        "may_change": may_change_communities(request.actor),
        "practice": practice,
        "zone": practice.zone,
    }
    return render(request, "community/communities.html", context)


def _home() -> str:
    return reverse("community:communities")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def founding(request: ActorRequest) -> HttpResponse:
    """A community of the practice's own."""
    require(may_change_communities(request.actor), NotAllowed)
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.found_community(request.actor, form.cleaned_data["name"])
        return saved(request, _home(), _("Founded. Hand the code on to the practice that shall join."))
    return _form(request, form, "community/founding.html")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff, limit=ENTERING)
def entering(request: ActorRequest) -> HttpResponse:
    """Enter the code of another practice's community."""
    require(may_change_communities(request.actor), NotAllowed)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter_code(request.actor, form.cleaned_data["code"])
        except (CodeUnknown, AlreadyInCommunity) as refused:
            form.add_error("code", str(refused))
        else:
            return saved(request, _home(), _("Look who is in it, and agree."))
    return _form(request, form, "community/entering.html")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def naming(request: ActorRequest, community_id: str) -> HttpResponse:
    """Another name for the community."""
    membership = changed_membership(request.actor, parse_id(community_id), founder=True)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": membership.community.name})
    if request.method == "POST" and form.is_valid():
        actions.rename_community(request.actor, membership.community_id, form.cleaned_data["name"])
        return saved(request, _home())
    return _form(request, form, "community/naming.html", community=membership.community)


@require_POST
@visitor(Staff)
def code(request: ActorRequest, community_id: str) -> HttpResponse:
    """A new code; the former one opens nothing any more."""
    actions.renew_code(request.actor, parse_id(community_id))
    return saved(request, _home(), _("There is a new code. The former one opens nothing any more."))


@require_POST
@visitor(Staff)
def agreement(request: ActorRequest, community_id: str) -> HttpResponse:
    """The practice agrees to be in it."""
    actions.agree(request.actor, parse_id(community_id))
    return saved(request, _home())


@require_POST
@visitor(Staff)
def times(request: ActorRequest, community_id: str) -> HttpResponse:
    """Show the practice's busy times to those who show theirs, or no longer."""
    actions.show_times(request.actor, parse_id(community_id), shown=request.POST.get("shown") == "yes")
    return saved(request, _home())


@require_POST
@visitor(Staff)
def confirmation(request: ActorRequest, community_id: str, member_id: str) -> HttpResponse:
    """Take a practice in that has entered the code."""
    actions.confirm(request.actor, parse_id(community_id), parse_id(member_id))
    return saved(request, _home())


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def removal(request: ActorRequest, community_id: str, member_id: str) -> HttpResponse:
    """What happens when a practice is removed or declined; then it is."""
    membership = changed_membership(request.actor, parse_id(community_id), founder=True)
    partner = _partner(request, membership.community_id, parse_id(member_id))
    if request.method == "POST":
        actions.remove_member(request.actor, membership.community_id, partner.id)
        return saved(request, _home())
    return render(request, "community/removal.html", {"community": membership.community, "partner": partner})


def _partner(request: ActorRequest, community_id: UUID, member_id: UUID) -> Partner:
    for one in partners(request.actor).get(community_id, ()):
        if one.id == member_id and not one.is_own:
            return one
    raise NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def leaving(request: ActorRequest, community_id: str) -> HttpResponse:
    """What happens when the practice leaves; then it does."""
    membership = changed_membership(request.actor, parse_id(community_id))
    if request.method == "POST":
        actions.leave_community(request.actor, membership.community_id)
        return saved(request, _home(), _("You have left the community."))
    return render(request, "community/leaving.html", {"community": membership.community})


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def rooms(request: ActorRequest, community_id: str) -> HttpResponse:
    """Which of the practice's rooms is which shared room (COM-2)."""
    membership = get_membership(request.actor, parse_id(community_id))
    standing_membership(request.actor, membership.community_id)
    now = {room.pk: space.pk for room, space in shared_rooms(request.actor, membership.community_id)}
    own = visible_rooms(request.actor).order_by("position", "name")
    spaces = list(visible_spaces(request.actor).filter(community_id=membership.community_id).order_by("name"))
    form = RoomsForm(
        request.POST if request.method == "POST" else None,
        rooms=[one for one in own if one.retired_at is None or one.pk in now],
        spaces=spaces,
        now=now,
    )
    collisions: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            actions.assign_rooms(request.actor, membership.community_id, form.wanted())
            if name := form.cleaned_data["new_space"]:
                actions.add_space(request.actor, membership.community_id, name)
                here = reverse("community:rooms", args=[membership.community_id])
                return saved(request, here, _("Added. Now say which of your rooms it is."))
            return saved(request, _home())
        except NameTaken as taken:
            form.add_error("new_space", str(taken))
        except (SpaceUsed, RoomShared) as refused:
            form.add_error(None, str(refused))
        except TimesCollide as refused:
            form.add_error(None, str(refused))
            collisions = refused.times
    used = using(request.actor, membership.community_id)
    return _form(
        request, form, "community/rooms.html", community=membership.community, collisions=collisions,
        shared=[(one, used.get(one.pk, ())) for one in spaces],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def space_naming(request: ActorRequest, community_id: str, space_id: str) -> HttpResponse:
    """Another name for a shared room."""
    membership = standing_membership(request.actor, parse_id(community_id))
    space = get_space(request.actor, membership.community_id, parse_id(space_id))
    form = SpaceForm(request.POST if request.method == "POST" else None, initial={"name": space.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_space(request.actor, membership.community_id, space.pk, form.cleaned_data["name"])
            return saved(request, reverse("community:rooms", args=[membership.community_id]))
        except NameTaken as taken:
            form.add_error("name", str(taken))
    return _form(request, form, "community/space_naming.html", community=membership.community, space=space)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def space_removal(request: ActorRequest, community_id: str, space_id: str) -> HttpResponse:
    """Who uses a shared room; if nobody does, it is deleted."""
    membership = standing_membership(request.actor, parse_id(community_id))
    space = get_space(request.actor, membership.community_id, parse_id(space_id))
    used_by, status = using(request.actor, membership.community_id).get(space.pk, ()), 200
    if request.method == "POST":
        try:
            actions.remove_space(request.actor, membership.community_id, space.pk)
            return saved(request, reverse("community:rooms", args=[membership.community_id]))
        except SpaceAssigned as refused:
            used_by, status = refused.details["used_by"], refused.status
    context = {"community": membership.community, "space": space, "used_by": used_by}
    return render(request, "community/space_removal.html", context, status=status)


def _form(request: ActorRequest, form: Any, template: str, **more: Any) -> HttpResponse:
    return render(request, template, {"form": form, **more}, status=422 if form.errors else 200)
