"""Registering booking partners, changing and ending them (OTV-1)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.practice.errors import EndsBeforeStart, NameTaken, NoWebAddress
from sprechzeit.practice.models import Partner
from sprechzeit.practice.policy import get_partner, may_change_practice, partner_of
from sprechzeit.practice.webhook_address import is_webhook_address

_ADDRESS = URLValidator(schemes=["https"])


@contextmanager
def _within_rules() -> Iterator[None]:
    with refused_by("partner_name_once", NameTaken), refused_by("partner_days", EndsBeforeStart):
        yield


@action
def register_partner(actor: Actor, facts: Mapping[str, Any], *, partner_id: UUID | None = None) -> Partner:
    """A partner more. `facts`: name, days, contact, what it may read, who confirms, as the model names them.

    Raises `NotAllowed`, `NameTaken`, `EndsBeforeStart`, `NoWebAddress`.
    """
    require(may_change_practice(actor), NotAllowed)
    _check_addresses(facts)
    with _within_rules():
        return Partner.objects.create(id=partner_id or new_id(), practice_id=actor.practice_id, **facts)


@action
def change_partner(actor: Actor, partner_id: UUID, changes: Mapping[str, Any]) -> None:
    """Write what was changed of it; the next call of the partner is judged by it.

    Raises `NotFound`, `NotAllowed`, `NameTaken`, `EndsBeforeStart`, `NoWebAddress`.
    """
    found = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    _check_addresses(changes)
    with _within_rules():
        if changes:
            Partner.objects.filter(pk=found.pk).update(**changes)


@action
def end_partner(actor: Actor, partner_id: UUID, *, ended: bool = True) -> None:
    """From now on it may do nothing; or, with `ended=False`, again what its days let it. Consents stay as they are.

    Raises `NotFound`, `NotAllowed`.
    """
    found = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    if ended is (found.ended_at is None):
        Partner.objects.filter(pk=found.pk).update(ended_at=timezone.now() if ended else None)


@action
def open_consents(actor: Actor, partner_id: UUID) -> None:
    """Every record has a page of consents from now on, before this partner booked anything (PAT-20).

    Raises `NotFound`, `NotAllowed`.
    """
    found = get_partner(actor, partner_id)
    require(may_change_practice(actor), NotAllowed)
    _open(found)


@action
def note_booking(actor: Actor) -> None:
    """A partner books: with its first booking the page of consents comes into being (PAT-20).

    Called by whatever books for a partner, in the same transaction; of any other actor it does nothing. Raises
    `NotFound` for a partner that may do nothing.
    """
    found = partner_of(actor)
    if found is not None:
        _open(found)


def _check_addresses(facts: Mapping[str, Any]) -> None:
    """How they are written; whether one may be called is asked when it is (OTV-9)."""
    website, webhook_url = facts.get("website", ""), facts.get("webhook_url", "")
    require(not website or _is_web_address(website), NoWebAddress)
    require(not webhook_url or is_webhook_address(webhook_url), NoWebAddress)


def _is_web_address(address: str) -> bool:
    try:
        _ADDRESS(address)
    except ValidationError:
        return False
    return "@" not in urlsplit(address).netloc


def _open(partner: Partner) -> None:
    """Once: what is open stays open."""
    if partner.consents_at is None:
        Partner.objects.filter(pk=partner.pk, consents_at=None).update(consents_at=timezone.now())
