"""A booking partner's keys, and the sheet with what its portal must know (OTV-2)."""

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
from sprechzeit.core.requests import takes_file
from sprechzeit.practice.actions.partner_keys import add_key, end_key, revoke_key
from sprechzeit.practice.errors import KeyEndsInPast, KeyKnown
from sprechzeit.practice.forms import once_per_form
from sprechzeit.practice.models import Partner, PartnerKey
from sprechzeit.practice.once import KeyReused
from sprechzeit.practice.partner_form import KeyEndForm, PartnerKeyForm
from sprechzeit.practice.partner_page import end_of, key_lines, partner_frame, sheet_of
from sprechzeit.practice.policy import get_partner, get_partner_key, may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import form_key, saved

UNPROCESSABLE = 422
# Far more than a key, so that a wrong file is answered by the form.
MOST_BYTES = 1_000_000


@takes_file(MOST_BYTES)
@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def keys(request: ActorRequest, partner_id: str) -> HttpResponse:
    """The keys of a partner, and the form for one more."""
    found = _partner(request, partner_id)
    if request.method != "POST":
        return _keys(request, found, PartnerKeyForm())
    form = PartnerKeyForm(request.POST, request.FILES)
    if form.is_valid():
        _keep_for_later(request, form)
        require_fresh(request)
        try:
            _add(request, found, form)
            said = _("The key is good from now on. Tell the partner its identifier.")
            return saved(request, reverse("practice:partner_keys", args=[found.pk]), said)
        except (KeyKnown, KeyReused) as refused:
            form.add_error("sent", str(refused))
        except KeyEndsInPast as refused:
            form.add_error("ends_on", str(refused))
    return _keys(request, found, form)


def _keep_for_later(request: ActorRequest, form: PartnerKeyForm) -> None:
    """Who has to confirm first who they are sends the form anew, without its file: the key goes on as text."""
    sent = request.POST.copy()
    sent["sent"] = form.cleaned_data["public_key"]
    request.POST = sent  # type: ignore[assignment]  # the copy of an immutable one


def _add(request: ActorRequest, found: Partner, form: PartnerKeyForm) -> None:
    facts = form.cleaned_data
    ends_at = end_of(facts["ends_on"], practice_of(request.actor).zone)

    def make(new: UUID) -> None:
        sent = str(facts["public_key"]).encode()
        add_key(request.actor, found.pk, sent, label=facts["label"], ends_at=ends_at, key_id=new)

    once_per_form(request.actor, f"pkey:{found.pk.hex}", request.POST, make)


@require_POST
@visitor(Staff)
def end(request: ActorRequest, partner_id: str, key_id: str) -> HttpResponse:
    """Until when a key is good."""
    found = _partner(request, partner_id)
    key = _key(request, found, key_id)
    form = KeyEndForm(request.POST)
    if form.is_valid():
        require_fresh(request)
        try:
            end_key(request.actor, key.pk, end_of(form.cleaned_data["ends_on"], practice_of(request.actor).zone))
            return saved(request, reverse("practice:partner_keys", args=[found.pk]))
        except KeyEndsInPast as refused:
            form.add_error("ends_on", str(refused))
    return _keys(request, found, PartnerKeyForm(), wrong=(key, form))


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def revocation(request: ActorRequest, partner_id: str, key_id: str) -> HttpResponse:
    """What happens when a key is revoked; then it is."""
    found = _partner(request, partner_id)
    key = _key(request, found, key_id)
    if request.method == "POST":
        require_fresh(request)
        revoke_key(request.actor, key.pk)
        said = _("Revoked. Nothing that it signs is accepted any more.")
        return saved(request, reverse("practice:partner_keys", args=[found.pk]), said)
    (line,) = key_lines([key], practice_of(request.actor).zone)
    return render(request, "practice/partner_revocation.html", {"partner": found, "line": line})


@require_safe
@visitor(Staff)
def sheet(request: ActorRequest, partner_id: str) -> HttpResponse:
    """What the portal's people must know, to print, copy or send."""
    found = _partner(request, partner_id)
    frame = partner_frame(request.actor, found, "practice:partner_sheet")
    lines = sheet_of(found, frame["keys"], frame["practice"])
    text = "\n".join(f"{label}: {value}" for label, values in lines for value in values)
    return render(request, "practice/partner_sheet.html", frame | {"lines": lines, "text": text})


def _partner(request: ActorRequest, partner_id: str) -> Partner:
    require(may_change_practice(request.actor), NotAllowed)
    return get_partner(request.actor, parse_id(partner_id))


def _key(request: ActorRequest, found: Partner, key_id: str) -> PartnerKey:
    key = get_partner_key(request.actor, parse_id(key_id))
    require(key.partner_id == found.pk, NotFound)
    return key


def _keys(
    request: ActorRequest, found: Partner, form: PartnerKeyForm, wrong: tuple[PartnerKey, KeyEndForm] | None = None
) -> HttpResponse:
    frame = partner_frame(request.actor, found, "practice:partner_keys")
    rows = []
    for line in key_lines(frame["keys"], frame["practice"].zone):
        refused = wrong is not None and wrong[0].pk == line.key.pk
        ending = KeyEndForm(initial={"ends_on": line.last_day}, auto_id=f"id_{line.key.pk.hex}_%s")
        rows.append({"line": line, "form": wrong[1] if wrong and refused else ending, "refused": refused})
    key = request.POST.get("key", "") if request.method == "POST" and not wrong else ""
    context = frame | {"rows": rows, "form": form, "key": key or form_key()}
    return render(request, "practice/partner_keys.html", context, status=UNPROCESSABLE if wrong or form.errors else 200)
