"""What has a time, in words that the actor may read (CAL-8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.practice.models import Room
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, Occupancy
from sprechzeit.scheduling.policy import visible_appointments, visible_blocks
from sprechzeit.scheduling.queries.elsewhere import names_elsewhere


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that has a calendar's time. `appointment`: where the actor may see one."""

    words: str
    appointment: Appointment | None = None


def conflicts_in_calendar(
    actor: Actor, calendar_id: UUID, since: datetime, until: datetime, *, without: Appointment | None = None
) -> list[Conflict]:
    """What lies over this time with its buffers. Of what the actor may not see only that it is there, and when.

    `without`: an appointment that is not meant.
    """
    zone = practice_of(actor).zone
    taken = (
        Occupancy.objects.filter(
            practice_id=actor.practice_id, calendar_id=calendar_id, active=True, ends_at__gt=since, starts_at__lt=until
        )
        .filter(Q(expires_at=None) | Q(expires_at__gt=Now()))
        .exclude(pk__in=[without.occupancy_id] if without else [])
        .order_by("starts_at")
    )
    found = list(taken)
    ids = [one.id for one in found]
    appointments = {
        one.occupancy_id: one
        for one in visible_appointments(actor)
        .filter(occupancy_id__in=ids, cancellation=None)
        .select_related("patient", "calendar", "occupancy", "attendance")
    }
    blocks = {one.occupancy_id: one for one in visible_blocks(actor).filter(occupancy_id__in=ids)}
    conflicts = []
    for one in found:
        if appointment := appointments.get(one.id):
            who, times = appointment.patient.full_name, (appointment.starts_at, appointment.ends_at)
        elif block := blocks.get(one.id):
            who, times = block.title or _("Blocked"), (block.starts_at, block.ends_at)
        else:
            is_hold = one.kind == Occupancy.Kind.HOLD
            who, times = (_("Being booked online") if is_hold else _("Busy")), (one.starts_at, one.ends_at)
        words = f"{who} {clock_span(*times, zone)}"
        if times[1] <= since:
            words = _("%(entry)s, with its buffer until %(time)s") % {"entry": words, "time": _clock(one.ends_at, zone)}
        elif times[0] >= until:
            words = _("%(entry)s, with its buffer from %(time)s") % {
                "entry": words,
                "time": _clock(one.starts_at, zone),
            }
        conflicts.append(Conflict(words, appointments.get(one.id)))
    return conflicts


def log_named(actor: Actor, appointment_ids: Collection[UUID]) -> None:
    """Log that a refusal names these appointments, with their patients (AUD-2).

    For who answers with it: what is logged in the action that refuses is taken back with it.
    """
    ids = sorted(set(appointment_ids))
    log_list(actor, "scheduling_appointment", f"in the way {ids}", ids)


def conflicts_in_room(
    actor: Actor, room: Room, since: datetime, until: datetime, *, without: Appointment | None = None
) -> list[str]:
    """When the room is taken, by whomever: its name and the times, and in a community the practice's
    name; nothing of who is there (COM-3).

    `without`: an appointment that is not meant.
    """
    zone = practice_of(actor).zone
    taken = _taken_in(room.space_id, since, until, without=without)
    whose = names_elsewhere(actor, since, until) if taken else {}
    words = []
    for starts, ends in taken:
        times = {
            "room": room.name,
            "begin": _clock(engine.instant_of(starts), zone),
            "end": _clock(engine.instant_of(ends), zone),
            "practice": whose.get((room.space_id, starts), ""),
        }
        named = _("%(room)s is taken from %(begin)s to %(end)s by %(practice)s.")
        words.append((named if times["practice"] else _("%(room)s is taken from %(begin)s to %(end)s.")) % times)
    return words


def _taken_in(
    space_id: UUID, since: datetime, until: datetime, *, without: Appointment | None = None
) -> list[tuple[int, int]]:
    """When the space is taken, in UTC minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT starts, ends FROM taken_in_spaces(%s::uuid[], %s, %s)", [[space_id], since, until])
        spans = cursor.fetchall()
    own = without.occupancy if without and without.occupancy.space_id == space_id else None
    span = (engine.minute_of(own.starts_at), engine.minute_of(own.ends_at, round_up=True)) if own else None
    return [one for one in spans if one != span]


def could_swap(actor: Actor, former: Occupancy, shift: timedelta, other: Appointment) -> bool:
    """Whether what had the time `former`, free by now, and `other` could change places: each fits at the other's.

    `shift`: from the begin of the one to that of the other.
    """
    there, here = other.occupancy, former
    went = (former.starts_at + shift, former.ends_at + shift)
    came = (there.starts_at - shift, there.ends_at - shift)
    meet = went[0] < came[1] and came[0] < went[1]
    if meet and (there.calendar_id == here.calendar_id or (there.space_id and there.space_id == here.space_id)):
        return False
    return all(
        not conflicts_in_calendar(actor, at.calendar_id, *span, without=other)
        and not (at.space_id and _taken_in(at.space_id, *span, without=other))
        for at, span in ((there, went), (here, came))
    )


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%H:%M}"


def clock_span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """'10:00–10:50', on the practice's clock."""
    return f"{_clock(starts_at, zone)}–{_clock(ends_at, zone)}"
