"""The video side in the settings: tokens of booking systems, user ids, who writes to patients (PUSH-1, VID-5)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.actions import change_practice
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import form_key, saved
from sprechzeit.video.actions.tokens import make_token, renew_token, replace_token, revoke_token
from sprechzeit.video.door_address import base_url
from sprechzeit.video.errors import TokenNameTaken
from sprechzeit.video.forms import MailsForm, TokenForm
from sprechzeit.video.policy import get_token
from sprechzeit.video.queries.visits import practitioners, tokens_in_use, tokens_with_visits

CREATED, UNPROCESSABLE = 201, 422


@require_safe
@visitor(Staff)
def side(request: ActorRequest) -> HttpResponse:
    """Everything about the video side; of tokens administrators alone."""
    return _page(request, _token_form(request))


@require_POST
@visitor(Staff)
def new_token(request: ActorRequest) -> HttpResponse:
    """A token more. Its secret stands in this one answer and nowhere else."""
    require(may_change_practice(request.actor), NotAllowed)
    form = _token_form(request, request.POST)
    if form.is_valid():
        require_fresh(request)
        made: list[str] = []

        def make(token_id: UUID) -> None:
            name, former = form.cleaned_data["name"], form.former_id()
            made.append(
                replace_token(request.actor, former, name)
                if former
                else make_token(request.actor, name, token_id=token_id)
            )

        try:
            once_per_form(request.actor, "video_token", request.POST, make)
            return _page(request, _token_form(request), shown=made, name=form.cleaned_data["name"], status=CREATED)
        except (TokenNameTaken, KeyReused) as refused:
            form.add_error("name", str(refused))
    return _page(request, form, status=UNPROCESSABLE)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def revocation(request: ActorRequest, token_id: str) -> HttpResponse:
    """What happens when a token is revoked; then it is."""
    require(may_change_practice(request.actor), NotAllowed)
    found = get_token(request.actor, parse_id(token_id))
    if request.method == "POST":
        require_fresh(request)
        revoke_token(request.actor, found.pk)
        return saved(request, reverse("video_side:side"), _("Revoked. Nothing that comes with it is taken any more."))
    require(found.revoked_at is None, NotFound)
    return render(request, "video/token_revocation.html", {"token": found})


@require_POST
@visitor(Staff)
def renewal(request: ActorRequest, token_id: str) -> HttpResponse:
    """Another secret for a token, shown in this one answer."""
    require(may_change_practice(request.actor), NotAllowed)
    found = get_token(request.actor, parse_id(token_id))
    require_fresh(request)
    secret = renew_token(request.actor, found.pk)
    return _page(request, _token_form(request), shown=[secret], name=found.name, status=CREATED)


@require_POST
@visitor(Staff)
def mails(request: ActorRequest) -> HttpResponse:
    """Whether the video side writes to patients itself."""
    require(may_change_practice(request.actor), NotAllowed)
    form = MailsForm(request.POST, instance=practice_of(request.actor))
    if form.is_valid():
        change_practice(request.actor, form.changes())
    return saved(request, reverse("video_side:side"))


def _token_form(request: ActorRequest, sent: Any = None) -> TokenForm:
    return TokenForm(sent, former=tokens_with_visits(request.actor))


def _page(request: ActorRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, practice = request.actor, practice_of(request.actor)
    may_change = may_change_practice(actor)
    key = request.POST.get("key", "") if form.errors else ""
    context = more | {
        "form": form,
        "mails": MailsForm(instance=practice, may_change=may_change),
        "writes": practice.video_mails,
        "may_change": may_change,
        "tokens": tokens_in_use(actor),
        "practitioners": practitioners(actor),
        "zone": practice.zone,
        "address": base_url(),
        "key": key or form_key(),
        "created": status == CREATED,
    }
    return render(request, "video/side.html", context, status=status)
