"""The practice's own signing keys for its administrators, and the contract for everybody (OTV-2, OTV-10)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.partners.actions.signing import roll_signing_key
from sprechzeit.partners.contract import contract as contract_document
from sprechzeit.partners.models import SigningKey
from sprechzeit.partners.policy import published_signing_keys
from sprechzeit.partners.signing import jwk
from sprechzeit.practice.partner_keys import fingerprint
from sprechzeit.practice.partner_page import base_url, last_day
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Anyone, Staff, visitor
from sprechzeit.ui.settings import saved


@require_safe
@visitor(Staff)
def signing_keys(request: ActorRequest) -> HttpResponse:
    """With what the practice signs, now and next; a part of the sheet for a portal."""
    require(may_change_practice(request.actor), NotAllowed)
    zone = practice_of(request.actor).zone
    keys = [_words(one, zone) for one in published_signing_keys(request.actor)]
    template = "partners/signing_keys.html" + ("#keys" if request.headers.get("HX-Request") else "")
    return render(request, template, {"signing_keys": keys, "waits": any(not one["signs"] for one in keys)})


@require_POST
@visitor(Staff)
def signing_key_renewal(request: ActorRequest) -> HttpResponse:
    """The next key, or the first one. Partners learn of it by the interface before it signs."""
    require(may_change_practice(request.actor), NotAllowed)
    require_fresh(request)
    made = roll_signing_key(request.actor)
    said = _("The practice has a key.")
    if made.starts_at > timezone.now():
        said = _("Partners are told of the new key now. It signs in a few days, so that all of them know it by then.")
    return saved(request, reverse("signing_keys"), said)


@require_safe
@visitor(Anyone)
def contract(request: HttpRequest) -> HttpResponse:
    """The interface as OpenAPI document: for a portal's developers; it says nothing of any practice."""
    return JsonResponse(contract_document() | {"servers": [{"url": base_url()}]})


def _words(key: SigningKey, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "reference": key.reference,
        "groups": fingerprint(key.public_key).split(),
        "jwk": jwk(key.reference, key.public_key),
        "signs": key.starts_at <= timezone.now(),
        "starts_on": key.starts_at.astimezone(zone).date(),
        "last_day": last_day(key.ends_at, zone),
    }
