"""The appointment book's day page (CAL-13): what each column shows to who looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.models import Appointment, Block, Calendar, Occupancy, WorkingHours
from sprechzeit.scheduling.policy import visible_appointments, visible_blocks, visible_calendars

UNIT = 5  # minutes
FIRST_HOUR, LAST_HOUR = 7, 20


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a column, as far as the viewer may see it; times are local."""

    kind: str
    starts: datetime
    ends: datetime
    title: str
    detail: str = ""
    colour: int = 1
    appointment_id: UUID | None = None


@dataclass(slots=True)
class Column:
    """A calendar on one day. `off`: outside working hours, as (top, length) in units of five minutes."""

    id: UUID
    name: str
    initials: str
    colour: int
    subtitle: str
    off: list[tuple[int, int]]
    entries: list[SafeString] = field(default_factory=list)


@dataclass(slots=True)
class DayBook:
    """The day page."""

    day: date
    previous: date
    next: date
    is_today: bool
    week: int
    count: int
    first_hour: int
    last_hour: int
    hours: list[int]
    units: int
    now_unit: int | None
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class Day:
    """What the database knows of one day: per calendar its entries and working hours."""

    practice: Practice
    day: date
    calendars: Sequence[Calendar]
    entries: dict[UUID, list[Entry]]
    hours: dict[UUID, list[tuple[int, int]]]
    count: int


def read_day(actor: Actor, day: date, calendar_id: UUID | None = None) -> Day:
    """One day of all visible calendars, or of one, in a constant number of statements."""
    practice = Practice.objects.get(pk=actor.practice_id)
    calendars = visible_calendars(actor).order_by("position", "name")
    if calendar_id is not None:
        calendars = calendars.filter(pk=calendar_id)
    columns = list(calendars)
    ids = [calendar.id for calendar in columns]
    begin, end = (engine.instant_of(minute) for minute in engine.day_period(practice.zone, day, day))
    within = Q(practice_id=practice.id, calendar_id__in=ids, starts_at__lt=end, ends_at__gt=begin)
    appointments = list(
        visible_appointments(actor)
        .filter(within, cancellation=None)
        .select_related("patient", "type")
        .order_by("starts_at")
    )
    blocks = list(visible_blocks(actor).filter(within, occupancy__active=True).order_by("starts_at"))
    entries: dict[UUID, list[Entry]] = {one: [] for one in ids}
    for appointment in appointments:
        entries[appointment.calendar_id].append(_appointment_entry(appointment, practice.zone))
    for block in blocks:
        entries[block.calendar_id].append(_block_entry(block, practice.zone))
    seen = {one.occupancy_id for one in appointments} | {one.occupancy_id for one in blocks}
    _add_busy(entries, within, seen, practice.zone)
    hours: dict[UUID, list[tuple[int, int]]] = {one: [] for one in ids}
    for owner, starts, ends in (
        WorkingHours.objects.filter(practice_id=practice.id, calendar_id__in=ids, weekday=day.weekday())
        .order_by("starts")
        .values_list("calendar_id", "starts", "ends")
    ):
        hours[owner].append((starts, ends))
    return Day(practice, day, columns, entries, hours, len(appointments))


def _appointment_entry(appointment: Appointment, zone: ZoneInfo) -> Entry:
    return Entry(
        kind="appointment",
        starts=appointment.starts_at.astimezone(zone),
        ends=appointment.ends_at.astimezone(zone),
        title=appointment.patient.full_name,
        detail=appointment.type.name,
        colour=appointment.type.colour,
        appointment_id=appointment.id,
    )


def _block_entry(block: Block, zone: ZoneInfo) -> Entry:
    return Entry(
        kind="block",
        starts=block.starts_at.astimezone(zone),
        ends=block.ends_at.astimezone(zone),
        title=block.title or _("Blocked"),
    )


def _add_busy(entries: dict[UUID, list[Entry]], within: Q, seen: set[UUID], zone: ZoneInfo) -> None:
    """What the viewer may not see is 'busy' and a time, no more (CAL-13); a hold is named as what it is."""
    taken = Occupancy.objects.filter(within, active=True).exclude(expires_at__lte=timezone.now())
    for occupancy in taken.order_by("starts_at"):
        if occupancy.id in seen:
            continue
        is_hold = occupancy.kind == Occupancy.Kind.HOLD
        entries[occupancy.calendar_id].append(
            Entry(
                kind="hold" if is_hold else "busy",
                starts=occupancy.starts_at.astimezone(zone),
                ends=occupancy.ends_at.astimezone(zone),
                title=_("Being booked online") if is_hold else _("Busy"),
            )
        )


def hours_shown(days: Iterable[Day]) -> tuple[int, int]:
    """The first and last hour a page shows: from seven to eight in the evening, more where there is more."""
    first, last = FIRST_HOUR, LAST_HOUR
    for one in days:
        for spans in one.hours.values():
            for starts, ends in spans:
                first, last = min(first, starts // 60), max(last, -(-ends // 60))
        midnight = datetime.combine(one.day, time(), one.practice.zone)
        for entries in one.entries.values():
            for entry in entries:
                if entry.starts >= midnight and (entry.ends - entry.starts) < timedelta(hours=20):
                    first = min(first, entry.starts.hour)
                    if entry.ends.date() == one.day:
                        last = max(last, entry.ends.hour + (entry.ends.minute > 0))
    return first, min(last, 24)


def lanes(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """For entries sorted by begin: (lane, lanes), so that those that overlap stand side by side."""
    placed: list[tuple[int, int]] = []
    group: list[int] = []
    ends: list[datetime] = []
    group_end: datetime | None = None
    for index, entry in enumerate(entries):
        if group_end is not None and entry.starts >= group_end:
            placed[group[0] :] = [(placed[one][0], len(ends)) for one in group]
            group, ends, group_end = [], [], None
        lane = next((number for number, end in enumerate(ends) if end <= entry.starts), len(ends))
        if lane == len(ends):
            ends.append(entry.ends)
        else:
            ends[lane] = entry.ends
        placed.append((lane, 1))
        group.append(index)
        group_end = max(group_end, entry.ends) if group_end else entry.ends
    if group:
        placed[group[0] :] = [(placed[one][0], len(ends)) for one in group]
    return placed
