"""Settings → Accesses: who may work in others' calendars and records (ACC-20); and one's own accesses."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.actor import ActorKind
from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.accounts.sessions import CHOSEN
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.core.ids import parse_id
from sprechzeit.core.limits import Limit
from sprechzeit.practice.access_forms import AccessForm, TermsForm
from sprechzeit.practice.access_mails import opens
from sprechzeit.practice.access_page import missing_areas, rows_of, their_areas
from sprechzeit.practice.actions.grants import (
    change_access,
    give_access_inside,
    give_access_outside,
    revoke_access,
    send_access_again,
)
from sprechzeit.practice.errors import (
    AlreadyGranted,
    AlreadyInvited,
    AlreadyMember,
    EndsInThePast,
    NothingGranted,
    NotInPlan,
)
from sprechzeit.practice.policy import (
    covers_others,
    ended_accesses,
    get_access,
    grantable_members,
    is_own_access,
    may_give_access,
    own_accesses,
    visible_members,
)
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, StaffAndDelegates, visitor
from sprechzeit.ui.settings import saved

# Mails to strangers in the practice's name.
GIVING = Limit("accesses", 30, 3600)
MOST_ENDED = 50  # of which the page names the newest; the log has all
# Beside which field a refusal is said.
BESIDE: dict[type[DomainError], str] = {
    AlreadyGranted: "email", AlreadyInvited: "email", AlreadyMember: "email", EndsInThePast: "ends_on",
    NothingGranted: "opens", NotInPlan: "opens",
}  # fmt: skip


@require_safe
@visitor(Staff)
def accesses(request: ActorRequest) -> HttpResponse:
    """All of the practice; of a practitioner those that open their own calendar and records."""
    require(may_give_access(request.actor), NotAllowed)
    return render(request, "practice/accesses.html", _list(request))


def _list(request: ActorRequest) -> dict[str, Any]:
    practice = practice_of(request.actor)
    return {
        "rows": rows_of(request.actor),
        "ended": ended_accesses(request.actor).order_by("-given_at")[:MOST_ENDED],
        "zone": practice.zone,
        "not_in_plan": missing_areas(practice),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff, limit=GIVING)
def new_access(request: ActorRequest) -> HttpResponse:
    """Give somebody an access."""
    require(may_give_access(request.actor), NotAllowed)
    people = list(visible_members(request.actor).exclude(pk=request.actor.identity).order_by("name"))
    data = request.POST if request.method == "POST" else None
    form = AccessForm(data, people=people, members=list(grantable_members(request.actor).order_by("account_number")))
    if request.method == "POST" and form.is_valid():
        require_fresh(request)
        try:
            return saved(request, reverse("practice:accesses"), _give(request, form))
        except DomainError as refused:
            _say_beside(form, refused)
    context = {"form": form, "not_in_plan": missing_areas(practice_of(request.actor))}
    return render(request, "practice/access_new.html", context, status=422 if form.errors else 200)


def _say_beside(form: TermsForm, refused: DomainError) -> None:
    """A refusal that is about a field stands beside it; any other goes on."""
    if type(refused) not in BESIDE:
        raise refused
    form.add_error(BESIDE[type(refused)], str(refused))


def _give(request: ActorRequest, form: AccessForm) -> str:
    """Do it; what is said of it."""
    facts, terms = form.cleaned_data, form.terms()
    if member_id := form.member_id():
        given = give_access_inside(request.actor, member_id, terms, purpose=facts["purpose"])
        return _("%(name)s has the access now.") % {"name": given.name}
    give_access_outside(request.actor, facts["name"], facts["email"], terms, purpose=facts["purpose"])
    return _("The invitation is on its way.")


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def access(request: ActorRequest, access_id: str) -> HttpResponse:
    """What an access opens, and until when."""
    found = get_access(request.actor, parse_id(access_id))
    require(may_give_access(request.actor) and not is_own_access(request.actor, found), NotAllowed)
    data = request.POST if request.method == "POST" else None
    others = grantable_members(request.actor).order_by("account_number")
    members = [one for one in others if one.user_id != found.user_id]
    form = TermsForm(data, members=members, opened=their_areas(found, members), ends_on=found.ends_on)
    if request.method == "POST" and form.is_valid():
        require_fresh(request)
        try:
            change_access(request.actor, found.pk, form.terms())
            return saved(request, reverse("practice:accesses"))
        except DomainError as refused:
            _say_beside(form, refused)
    context = {
        "form": form,
        "access": found,
        **_list(request),
        "covers_others": covers_others(request.actor, found),
    }
    return render(request, "practice/accesses.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def revocation(request: ActorRequest, access_id: str) -> HttpResponse:
    """What happens when it is revoked; then it is."""
    found = get_access(request.actor, parse_id(access_id))
    require(may_give_access(request.actor) and not is_own_access(request.actor, found), NotAllowed)
    part = covers_others(request.actor, found)
    if request.method == "POST":
        require_fresh(request)
        revoke_access(request.actor, found.pk)
        said = _("Your part is closed.") if part else _("Revoked. It opens nothing any more.")
        return saved(request, reverse("practice:accesses"), said)
    context = {"access": found, "covers_others": part}
    return render(request, "practice/access_revocation.html", context)


@require_POST
@visitor(Staff, limit=GIVING)
def sending(request: ActorRequest, access_id: str) -> HttpResponse:
    """Send the invitation again; the former link opens nothing any more."""
    found = get_access(request.actor, parse_id(access_id))
    send_access_again(request.actor, found.pk)
    return saved(request, reverse("practice:accesses"), _("The invitation is on its way."))


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(StaffAndDelegates)
def own_access(request: ActorRequest) -> HttpResponse:
    """What one may do here by an access, and giving it up."""
    own = list(own_accesses(request.actor).prefetch_related("areas__member"))
    if request.method == "POST":
        for one in own:
            revoke_access(request.actor, one.pk)
        if request.actor.kind is ActorKind.DELEGATE:
            request.session.pop(CHOSEN, None)
        return HttpResponseRedirect(resolve_url("practices"), status=303)
    shown: list[dict[str, Any]] = [{"access": one, "opens": opens(one.areas.all())} for one in own]
    return render(request, "practice/own_access.html", {"accesses": shown, "practice": practice_of(request.actor)})
