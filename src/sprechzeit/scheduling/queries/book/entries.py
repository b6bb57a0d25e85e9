"""What stands in the columns: appointments, blocks, holds, and what the viewer sees as busy only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.scheduling.models import AppointmentType, Calendar, Occupancy
from sprechzeit.scheduling.policy import may_enter, visible_appointments, visible_blocks
from sprechzeit.scheduling.queries.book.facts import Entry
from sprechzeit.scheduling.queries.book.wall import Minutes, Wall

_STARTS, _ENDS = Minutes("starts_at"), Minutes("ends_at")
_UNTOLD = Case(
    When(Q(told_starts_at__isnull=False) & ~Q(told_starts_at=F("starts_at")), then=Value(value=True)),
    default=Value(value=False),
    output_field=BooleanField(),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which calendars and when entries are read, and what they are read with."""

    wall: Wall
    within: Q
    calendars: Mapping[UUID, Calendar]
    types: Mapping[UUID, AppointmentType]
    room_of_space: Mapping[UUID, UUID]


def entries(actor: Actor, scope: Scope, *, cancelled: bool) -> list[Entry]:
    """Everything in the columns, by begin; three statements. With `cancelled` those appointments too (CAL-7)."""
    seen: set[UUID] = set()
    movable = {one.id for one in scope.calendars.values() if may_enter(actor, one)}
    found = [
        *_appointments(actor, scope, movable, seen, cancelled=cancelled),
        *_blocks(actor, scope, movable, seen),
        *_busy(scope, seen),
    ]
    found.sort(key=lambda entry: (entry.starts, entry.ends))
    return found


def _times(scope: Scope, starts: int, ends: int) -> tuple[int, int, int, bool]:
    begin = scope.wall.local(starts)
    return begin, max(scope.wall.local(ends), begin + 1), ends - starts, scope.wall.again(starts)


def _appointments(
    actor: Actor, scope: Scope, movable: set[UUID], seen: set[UUID], *, cancelled: bool
) -> Iterator[Entry]:
    rows = visible_appointments(actor).filter(scope.within)
    if not cancelled:
        rows = rows.filter(cancellation=None)
    marks = {one.id: () if one.location == one.Location.PRACTICE else (one.location,) for one in scope.types.values()}
    for (
        appointment_id, occupancy_id, calendar_id, room_id, type_id, begin, end,
        last_name, first_name, state, overbooked, untold, reason, remark,
    ) in rows.values_list(
        "id", "occupancy_id", "calendar_id", "room_id", "type_id", _STARTS, _ENDS,
        "patient__last_name", "patient__first_name", "attendance__state", "occupancy__overbooked", _UNTOLD,
        "cancellation__reason", "remark",
    ):  # fmt: skip
        is_cancelled = reason is not None
        if not is_cancelled:
            seen.add(occupancy_id)
        starts, ends, minutes, again = _times(scope, begin, end)
        more: tuple[str, ...] = marks.get(type_id, ())
        if untold and not is_cancelled:
            more = ("untold", *more)
        if overbooked and not is_cancelled:
            more = ("overbooked", *more)
        yield Entry(
            "appointment", calendar_id, room_id, starts, ends, minutes, again, last_name, first_name, type_id,
            "cancelled" if is_cancelled else state or "", more, appointment_id,
            not is_cancelled and calendar_id in movable, reason or "", remark,
        )  # fmt: skip


def _blocks(actor: Actor, scope: Scope, movable: set[UUID], seen: set[UUID]) -> Iterator[Entry]:
    rows = visible_blocks(actor).filter(scope.within, occupancy__active=True)
    for block_id, occupancy_id, calendar_id, space_id, begin, end, title in rows.values_list(
        "id", "occupancy_id", "calendar_id", "occupancy__space_id", _STARTS, _ENDS, "title"
    ):
        seen.add(occupancy_id)
        room_id = scope.room_of_space.get(space_id)
        yield Entry(
            "block", calendar_id, room_id, *_times(scope, begin, end), title or _("Blocked"), id=block_id,
            movable=calendar_id in movable,
        )  # fmt: skip


def _busy(scope: Scope, seen: set[UUID]) -> Iterator[Entry]:
    """What the viewer may not see is 'busy' and a time, no more (CAL-13); a hold is named as what it is."""
    rows = Occupancy.objects.filter(scope.within, active=True).exclude(expires_at__lte=timezone.now())
    for occupancy_id, calendar_id, space_id, begin, end, kind in rows.values_list(
        "id", "calendar_id", "space_id", _STARTS, _ENDS, "kind"
    ):
        if occupancy_id in seen:
            continue
        is_hold = kind == Occupancy.Kind.HOLD
        yield Entry(
            "hold" if is_hold else "busy", calendar_id, scope.room_of_space.get(space_id),
            *_times(scope, begin, end), _("Being booked online") if is_hold else _("Busy"),
        )  # fmt: skip
