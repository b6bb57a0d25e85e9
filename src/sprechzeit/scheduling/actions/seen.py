"""What the practice has seen of the bookings that it did not make itself (BOO-12)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotFound
from sprechzeit.core.live import announce
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import visible_new_bookings


@action
def mark_seen(actor: Actor, appointment_ids: Collection[UUID]) -> datetime:
    """These bookings are seen, for the whole practice; what was seen before stays as it was.

    Returns when: `unmark_seen` takes back by it. Raises `NotFound` if one of them is not the actor's to see.
    """
    bookings = _named(actor, appointment_ids)
    now = timezone.now()
    _write(bookings.filter(seen_at=None), {"seen_at": now, "seen_by": actor.name})
    return now


@action
def unmark_seen(actor: Actor, appointment_ids: Collection[UUID]) -> None:
    """These bookings are new again. Raises `NotFound`."""
    _write(_named(actor, appointment_ids).exclude(seen_at=None), {"seen_at": None, "seen_by": ""})


@action
def undo_seen(actor: Actor, at: datetime) -> None:
    """What the actor marked as seen at this moment is new again."""
    _write(visible_new_bookings(actor).filter(seen_at=at, seen_by=actor.name), {"seen_at": None, "seen_by": ""})


def _named(actor: Actor, appointment_ids: Collection[UUID]) -> QuerySet[Appointment]:
    bookings = visible_new_bookings(actor).filter(pk__in=appointment_ids)
    require(bookings.count() == len(set(appointment_ids)), NotFound)
    return bookings


def _write(bookings: QuerySet[Appointment], values: dict[str, object]) -> None:
    """Change them, and tell the open pages of the practice."""
    changed = list(bookings.values_list("pk", "practice_id", "calendar_id"))
    Appointment.objects.filter(pk__in=[pk for pk, _, _ in changed]).update(**values)
    for practice_id, calendar_id in {(practice_id, calendar_id) for _, practice_id, calendar_id in changed}:
        announce(practice_id, calendar_id)
