"""What somebody who leaves leaves behind, and who may take it (ACC-12)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor, system
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import visible_members
from sprechzeit.scheduling.models import Calendar
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """How many records and appointments to come, and which calendars, belong to a member."""

    patients: int
    calendars: list[Calendar]
    to_come: int

    def __bool__(self) -> bool:
        return bool(self.patients or self.calendars)


def left_behind(actor: Actor, member: Member) -> LeftBehind:
    """Of a member of the actor's practice, whoever asks: it is counted, not shown."""
    practice: Any = system(actor.practice_id)
    calendars = visible_calendars(practice, retired=True).filter(member_id=member.pk)
    coming = visible_appointments(practice).filter(calendar__in=calendars, starts_at__gt=timezone.now())
    return LeftBehind(
        patients=visible_patients(practice).filter(created_by_id=member.pk).count(),
        calendars=list(calendars.order_by("position", "name")),
        to_come=coming.filter(cancellation=None).count(),
    )


def successors(actor: Actor, member: Member) -> QuerySet[Member]:
    """Who may take what a member leaves behind."""
    return visible_members(actor).filter(suspended_at=None).exclude(pk=member.pk).order_by("account_number")
