"""What a booking partner reads of the appointments that it made, and of no other (OTV-8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_handed_out
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.moments import settled
from sprechzeit.patients.models import Patient
from sprechzeit.practice.policy import partner_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, AppointmentType, Offering
from sprechzeit.scheduling.policy import get_appointment, visible_appointments

MOST = 500
APPOINTMENT = "appointment"
"""What stands in the log for an appointment that was handed out, among the fields of its patient (PAT-22)."""


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Some of a partner's appointments, by id. `after`: the last one's, if there are more; `as_of`: from which moment
    on to ask for what changed meanwhile.
    """

    appointments: Sequence[Appointment]
    after: UUID | None
    as_of: datetime


def own_appointments(
    actor: Actor, after: UUID | None = None, limit: int = MOST, *, changed_since: datetime | None = None
) -> OwnPage:
    """What the partner that acts has booked, cancelled ones too. `changed_since`: what was booked, moved, cancelled or
    restored from then on. That it was handed out is in the log. Raises `NotAllowed` for who is no partner.
    """
    require(partner_of(actor) is not None, NotAllowed)
    as_of = settled()
    wanted = visible_appointments(actor).select_related("cancellation").order_by("pk")
    if changed_since is not None:
        wanted = wanted.filter(changed_at__gte=changed_since)
    if after is not None:
        wanted = wanted.filter(pk__gt=after)
    found = list(wanted[: min(limit, MOST) + 1])
    shown = found[:limit]
    _log(actor, shown)
    return OwnPage(shown, shown[-1].pk if len(found) > len(shown) else None, as_of)


def own_appointment(actor: Actor, appointment_id: UUID) -> Appointment:
    """One of them. Raises `NotFound` for every other one, alike whether it is there; `NotAllowed`."""
    require(partner_of(actor) is not None, NotAllowed)
    found = get_appointment(actor, appointment_id)
    _log(actor, [found])
    return found


def _log(actor: Actor, shown: Collection[Appointment]) -> None:
    log_handed_out(actor, actor.practice_id, Patient._meta.db_table, {one.patient_id: [APPOINTMENT] for one in shown})


def ends_of(
    actor: Actor, appointment_type: AppointmentType, offers: Collection[engine.Offer], lasts: timedelta | None = None
) -> list[tuple[UUID, datetime, datetime]]:
    """Calendar, begin and end of each of these: as long as the type is there (CAL-6), or as the appointment lasts."""
    own = Offering.objects.filter(
        practice_id=actor.practice_id, type=appointment_type, calendar__in={one.calendar_id for one in offers}
    )
    minutes = {one.calendar_id: one.duration for one in own}
    found = []
    for one in offers:
        begin = engine.instant_of(one.start)
        length = lasts or timedelta(minutes=minutes.get(one.calendar_id) or appointment_type.duration)
        found.append((one.calendar_id, begin, begin + length))
    return found
