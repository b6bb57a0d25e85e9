"""The practice's SMS gateway: its settings, and a test message by it (NOT-1)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.practice.errors import NoGateway, NoWebAddress
from sprechzeit.practice.events import SmsTestAsked
from sprechzeit.practice.models import SmsGateway
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import gateway_of
from sprechzeit.practice.webhook_address import is_webhook_address


@action
def set_gateway(actor: Actor, changes: Mapping[str, Any]) -> SmsGateway:
    """Write what was changed of the gateway, as the model names it; the `token` is kept sealed.

    Raises `NotAllowed`, `NoWebAddress` for an address to which nothing may be sent, or none at all.
    """
    require(may_change_practice(actor), NotAllowed)
    found = gateway_of(actor) or SmsGateway(practice_id=actor.practice_id)
    for name, value in changes.items():
        setattr(found, name, value)
    require(is_webhook_address(found.url), NoWebAddress)
    found.save()
    return found


@action
def ask_for_test(actor: Actor, number: str) -> UUID:
    """Send a test message to a phone number in E.164; what becomes of it stands with the gateway.

    Raises `NotAllowed`, `NoGateway`.
    """
    require(may_change_practice(actor), NotAllowed)
    found = gateway_of(actor)
    if found is None:
        raise NoGateway
    found.test_id, found.test_number, found.test_result, found.tested_at = new_id(), number, "", timezone.now()
    found.save(update_fields=["test_id", "test_number", "test_result", "tested_at"])
    publish(SmsTestAsked(found.practice_id, found.test_id))
    return found.test_id


@action
def mark_test(actor: Actor, test_id: UUID, result: str) -> None:
    """What became of a test message; nothing where another one was asked for meanwhile."""
    require(may_change_practice(actor), NotAllowed)
    SmsGateway.objects.filter(practice_id=actor.practice_id, test_id=test_id).update(test_result=result)
