"""Being away: of a calendar, or of the whole practice (CAL-3, CAL-22)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.errors import EndsTooEarly
from sprechzeit.scheduling.models import Absence, Appointment
from sprechzeit.scheduling.policy import get_absence, get_calendar, may_enter_absence, visible_calendars
from sprechzeit.scheduling.queries.absence import Away, affected_by
from sprechzeit.scheduling.queries.reaching import way_to


@dataclass(frozen=True, slots=True)
class Entered:
    """An absence as it was entered, how many appointments were cancelled, and which are `left` in it.

    `to_call`: the patients of those cancelled whom no e-mail reaches.
    """

    absence: Absence
    cancelled: int
    left: tuple[Appointment, ...]
    to_call: tuple[str, ...] = ()


@action
def enter_absence(actor: Actor, away: Away, *, cancel: Collection[UUID] = (), reason: str = "") -> Entered:
    """Be away, over appointments too. Those named in `cancel` are cancelled for `reason`, and the patients told.

    All or nothing. Only appointments in the absence that have not begun are cancelled; one that was booked meanwhile
    is `left`, as is every other. Raises `EndsTooEarly`, `NotFound`, `NotAllowed`.
    """
    absence = Absence(id=new_id(), practice_id=actor.practice_id)
    return _settle(actor, absence, away, cancel, reason, former=set())


@action
def change_absence(
    actor: Actor, absence_id: UUID, away: Away, *, cancel: Collection[UUID] = (), reason: str = ""
) -> Entered:
    """Be away otherwise than was entered. As `enter_absence`."""
    absence = get_absence(actor, absence_id)
    require(may_enter_absence(actor, absence.calendar), NotAllowed)
    return _settle(actor, absence, away, cancel, reason, former=_concerned(actor, absence.calendar_id))


@action
def remove_absence(actor: Actor, absence_id: UUID) -> None:
    """Be there after all. What was cancelled stays cancelled. Raises `NotFound`, `NotAllowed`."""
    absence = get_absence(actor, absence_id)
    require(may_enter_absence(actor, absence.calendar), NotAllowed)
    calendars = _concerned(actor, absence.calendar_id)
    lock_time(calendars, [])
    Absence.objects.filter(pk=absence.pk).delete()
    _tell(actor, calendars)


def _settle(
    actor: Actor, absence: Absence, away: Away, cancel: Collection[UUID], reason: str, *, former: set[UUID]
) -> Entered:
    calendar = get_calendar(actor, away.calendar_id) if away.calendar_id else None
    require(may_enter_absence(actor, calendar), NotAllowed)
    require(away.starts_at < away.ends_at, EndsTooEarly)
    calendars = _concerned(actor, away.calendar_id) | former
    # With the spaces of what is to be cancelled, at once and sorted: later ones would be out of order.
    wanted = affected_by(actor, away).filter(pk__in=cancel)
    lock_time(calendars, {one.occupancy.space_id for one in wanted if one.occupancy.space_id})
    absence.calendar_id, absence.reason = away.calendar_id, away.reason
    absence.starts_at, absence.ends_at, absence.all_day = away.starts_at, away.ends_at, away.all_day
    absence.save()
    cancelled = [
        cancel_appointment(actor, one, reason=reason)
        for one in list(affected_by(actor, away).filter(pk__in=cancel, attendance=None).values_list("pk", flat=True))
    ]
    to_call = tuple(one.patient.full_name for one in cancelled if way_to(actor, one) is None)
    _tell(actor, calendars)
    return Entered(absence, len(cancelled), tuple(affected_by(actor, away)), to_call)


def _concerned(actor: Actor, calendar_id: UUID | None) -> set[UUID]:
    """The calendars that an absence is of: one, or all."""
    return {calendar_id} if calendar_id else set(visible_calendars(actor).values_list("pk", flat=True))


def _tell(actor: Actor, calendars: Collection[UUID]) -> None:
    for calendar_id in calendars:
        announce(actor.practice_id, calendar_id)
