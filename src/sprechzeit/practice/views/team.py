"""Settings → Team: who works in the practice, who is invited (ACC-2, ACC-8)."""

from copy import copy
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.accounts.second_factor import has_second_factor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.core.limits import Limit
from sprechzeit.practice.actions.grants import revoke_given
from sprechzeit.practice.actions.invitation import invite_member, send_invitation_again, withdraw_invitation
from sprechzeit.practice.actions.team import change_member, suspend_member, take_up_member
from sprechzeit.practice.errors import AlreadyInvited, AlreadyMember, LastAdministrator
from sprechzeit.practice.forms import InvitationForm, MemberForm
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import (
    get_invitation,
    get_member,
    is_oneself,
    may_change_practice,
    may_end_membership,
    open_invitations,
    visible_members,
)
from sprechzeit.practice.queries import kept_without, practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import Listing, Thing, saved

# Mails to strangers in the practice's name.
INVITATIONS = Limit("invitations", 30, 3600)


@require_safe
@visitor(Staff)
def team(request: ActorRequest) -> HttpResponse:
    """Everybody, and oneself."""
    own = get_member(request.actor, request.actor.identity)
    return _page(request, own, _form(request, own), chosen=False)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def member(request: ActorRequest, member_id: str) -> HttpResponse:
    """One member, to be changed by administrators."""
    found = get_member(request.actor, parse_id(member_id))
    form = _form(request, found)
    if request.method == "POST" and form.is_valid():
        require(may_change_practice(request.actor), NotAllowed)
        if "role" in form.changed_data:
            require_fresh(request)
        try:
            change_member(request.actor, found.pk, form.changes())
            return saved(request, reverse("practice:member", args=[found.pk]))
        except LastAdministrator as refused:
            form.add_error("role", str(refused))
    return _page(request, found, form)


@require_POST
@visitor(Staff)
def suspension(request: ActorRequest, member_id: str) -> HttpResponse:
    """Suspend a member at once, or take them up again."""
    found = get_member(request.actor, parse_id(member_id))
    require(may_change_practice(request.actor), NotAllowed)
    require_fresh(request)
    try:
        if request.POST.get("suspended") == "no":
            take_up_member(request.actor, found.pk)
        else:
            suspend_member(request.actor, found.pk)
            if "accesses" in request.POST:
                revoke_given(request.actor, found.pk)
    except LastAdministrator as refused:
        return _page(request, found, _form(request, found, sent=False), refused=refused)
    return saved(request, reverse("practice:member", args=[found.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff, limit=INVITATIONS)
def new_invitation(request: ActorRequest) -> HttpResponse:
    """Ask somebody in by mail."""
    require(may_change_practice(request.actor), NotAllowed)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        require_fresh(request)
        try:
            invite_member(request.actor, **form.cleaned_data)
            return saved(request, reverse("practice:team"), _("The invitation is on its way."))
        except (AlreadyMember, AlreadyInvited) as refused:
            form.add_error("email", str(refused))
    context = {"form": form}
    return render(request, "practice/invitation.html", context, status=422 if form.errors else 200)


@require_POST
@visitor(Staff, limit=INVITATIONS)
def invitation_sending(request: ActorRequest, invitation_id: str) -> HttpResponse:
    """Send an invitation again; the former link opens nothing any more."""
    found = get_invitation(request.actor, parse_id(invitation_id))
    send_invitation_again(request.actor, found.pk)
    return saved(request, reverse("practice:team"), _("The invitation is on its way."))


@require_POST
@visitor(Staff)
def invitation_withdrawal(request: ActorRequest, invitation_id: str) -> HttpResponse:
    """Withdraw an invitation."""
    found = get_invitation(request.actor, parse_id(invitation_id))
    withdraw_invitation(request.actor, found.pk)
    return saved(request, reverse("practice:team"), _("The invitation is withdrawn."))


def _form(request: ActorRequest, found: Member, *, sent: bool = True) -> MemberForm:
    data = request.POST if request.method == "POST" and sent else None
    return MemberForm(data, instance=copy(found), may_change=may_change_practice(request.actor))


def _thing(found: Member) -> Thing:
    what = _("Suspended") if found.suspended_at else found.get_role_display()
    url = reverse("practice:member", args=[found.pk])
    detail = f"{what} · {found.account_number}"
    return Thing(found.pk, found.name, url, found.colour, detail=detail, initials=found.initials)


def _page(
    request: ActorRequest, found: Member, form: BaseForm, *, chosen: bool = True, refused: DomainError | None = None
) -> HttpResponse:
    may_change = may_change_practice(request.actor)
    listing = Listing(
        url=reverse("practice:team"),
        things=[_thing(one) for one in visible_members(request.actor).order_by("account_number")],
        current=_thing(found),
        chosen=chosen,
        new_url=reverse("practice:new_invitation") if may_change else "",
        save=may_change,
    )
    context: dict[str, Any] = {
        "listing": listing,
        "form": form,
        "shown": found,
        "refused": refused,
        "may_change": may_change,
        "own": is_oneself(request.actor, found),
        "may_end": may_end_membership(request.actor, found),
        "has_factor": (may_change or is_oneself(request.actor, found)) and has_second_factor(found.user),
        "invitations": list(open_invitations(request.actor).order_by("-sent_at")),
        "kept": kept_without(request.actor, found) if may_change else [],
        "zone": practice_of(request.actor).zone,
    }
    status = refused.status if refused else 422 if form.errors else 200
    return render(request, "practice/team.html", context, status=status)
