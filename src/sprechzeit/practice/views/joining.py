"""Coming into a practice by a mailed invitation, with a new account or one that is there (ACC-8)."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_http_methods

from sprechzeit.access.table import Role
from sprechzeit.accounts.actions import open_account
from sprechzeit.accounts.errors import AccountExists
from sprechzeit.accounts.forms import NewAccountForm
from sprechzeit.accounts.guessing import remember_device
from sprechzeit.accounts.models import User
from sprechzeit.accounts.queries import has_account
from sprechzeit.core.limits import Limit
from sprechzeit.practice.actions.grants import accept_access
from sprechzeit.practice.actions.invitation import accept_invitation, is_for
from sprechzeit.practice.errors import AlreadyGranted, AlreadyMember, InvitedIsAnother
from sprechzeit.practice.policy import invited
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Invited, choose, visitor

JOINING = Limit("joining", 30, 3600)


def gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, was used, withdrawn, or is too old."""
    return render(request, "practice/joining_gone.html", status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Invited, limit=JOINING, refused=gone)
def joining(request: ActorRequest, token: str) -> HttpResponse:
    """Accept an invitation."""
    invitation = invited(request.actor)
    user = request.user if request.user.is_authenticated else None
    known = user is None and has_account(request.actor, invitation.email)
    posted = request.method == "POST"
    form = NewAccountForm(request.POST if posted and not (user or known) else None, email=invitation.email)
    context = {
        "form": form,
        "known": known,
        "is_another": user is not None and not is_for(invitation, user),
        "invitation": invitation,
        "practice": practice_of(request.actor),
        "is_access": invitation.role == Role.DELEGATE,
    }
    try:
        if posted and user is not None:
            return _accept(request, user)
        if posted and form.is_valid():
            new = open_account(
                request.actor, invitation.email, form.cleaned_data["name"], form.cleaned_data["password"]
            )
            return _accept(request, new, sign_in=True)
    except (AlreadyMember, AlreadyGranted, AccountExists, InvitedIsAnother) as refused:
        return render(request, "practice/joining.html", {**context, "refused": refused}, status=refused.status)
    return render(request, "practice/joining.html", context, status=422 if form.errors else 200)


def _accept(request: ActorRequest, user: User, *, sign_in: bool = False) -> HttpResponse:
    accept = accept_access if invited(request.actor).role == Role.DELEGATE else accept_invitation
    accepted = accept(request.actor, user)
    response = HttpResponseRedirect(resolve_url("scheduling:book"), status=303)
    if sign_in:
        get_adapter(request).login(request, user)
        record_authentication(request, user, method="password")
        remember_device(request, response, user)
    choose(request, accepted.practice_id)
    return response
