"""Who sees which personal backups. Decided here and nowhere else."""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.fields import BOOKING
from sprechzeit.access.table import Role
from sprechzeit.core.errors import NotFound
from sprechzeit.operations.models import PersonalBackup
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.patients.policy import seen_whole, visible_patients
from sprechzeit.practice.models import AccessGrant, PracticeModel
from sprechzeit.practice.policy import managed_accesses, sees_rooms
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import visible_calendars, visible_types

Visible = Callable[[Actor], QuerySet[Any]]


def may_back_up(actor: Actor) -> bool:
    """Whoever works in the practice saves what they see (OPS-20); no delegate, no link."""
    members = (Role.ADMINISTRATOR, Role.PRACTITIONER, Role.SECRETARY)
    return actor.kind is ActorKind.MEMBER and actor.role in members


def sees_everything(actor: Actor) -> bool:
    """Whether a backup of what the actor sees is one of the whole practice, and can be restored."""
    return actor.kind is ActorKind.MEMBER and actor.role is Role.ADMINISTRATOR


def rights_of(actor: Actor) -> str:
    """A digest of what the actor's role and access open: another one opens something else."""
    granted = sorted((str(area), sorted(map(str, members))) for area, members in actor.granted)
    return hashlib.sha256(f"{actor.role} {granted}".encode()).hexdigest()


def visible_backups(actor: Actor) -> QuerySet[PersonalBackup]:
    """One's own, and nobody else's: what it holds is what its maker could see. The program itself makes them all."""
    backups = PersonalBackup.objects.filter(practice_id__in=actor.practices)
    if actor.kind is ActorKind.SYSTEM:
        return backups
    return backups.filter(member_id=actor.identity) if may_back_up(actor) else backups.none()


def get_backup(actor: Actor, backup_id: UUID) -> PersonalBackup:
    """Raises NotFound alike for others' and for ids that never were (ACC-6)."""
    backup = visible_backups(actor).filter(pk=backup_id).first()
    if backup is None:
        raise NotFound
    return backup


# --- What a backup holds: each table through the one policy of what it belongs to -----------------------------------


def within(model: type[PracticeModel], path: str, visible: Visible) -> Visible:
    """The rows of `model` whose `path` leads to something that the actor sees."""

    def see(actor: Actor) -> QuerySet[Any]:
        return model._default_manager.filter(**{"practice_id__in": actor.practices, f"{path}__in": visible(actor)})

    return see


def whole_patients(actor: Actor) -> QuerySet[Patient]:
    """The records of which the actor sees every field."""
    return visible_patients(actor).filter(seen_whole(actor))


def visible_contacts(actor: Actor) -> QuerySet[ContactPoint]:
    """Of records that are not seen whole those that booking takes (ACC-21)."""
    points = ContactPoint.objects.filter(practice_id__in=actor.practices, patient__in=visible_patients(actor))
    return points.filter(Q(kind__in=BOOKING) | Q(patient__in=whole_patients(actor)))


def all_calendars(actor: Actor) -> QuerySet[Calendar]:
    """With those that offer nothing new."""
    return visible_calendars(actor, retired=True)


def all_types(actor: Actor) -> QuerySet[AppointmentType]:
    """With those that are offered no more."""
    return visible_types(actor, retired=True)


def visible_accesses(actor: Actor) -> QuerySet[AccessGrant]:
    """Those that stand, and for administrators those that ended."""
    return (
        AccessGrant.objects.filter(practice_id__in=actor.practices)
        if sees_everything(actor)
        else managed_accesses(actor)
    )


def of_practice(model: type[PracticeModel]) -> Visible:
    """The rows of `model` for whoever sees how the practice works."""

    def see(actor: Actor) -> QuerySet[Any]:
        rows: QuerySet[Any] = model._default_manager.filter(practice_id__in=actor.practices)
        return rows if sees_rooms(actor) else rows.none()

    return see
