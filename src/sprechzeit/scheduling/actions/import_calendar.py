"""Taking a calendar exported from another program into a calendar, as blocks (CAL-7, CAL-8)."""

import hashlib
from datetime import date
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.core.ids import new_id
from sprechzeit.core.live import announce
from sprechzeit.scheduling.actions.occupy import BATCH, Wanted, lock_time, occupy, release
from sprechzeit.scheduling.models import Block, Calendar, CalendarImport, Occupancy
from sprechzeit.scheduling.queries.calendar_import import (
    Change,
    ImportResult,
    calendars_of,
    changeable_calendar,
    compare,
    end_of,
    read_file,
    title_of,
)

_CHANGED = ["occupancy", "calendar", "title", "starts_at", "ends_at", "all_day", "file_starts_at", "file_ends_at"]


@action
def import_calendar(
    actor: Actor, calendar_id: UUID, data: bytes, *, first: date, last: date, replace: bool = False
) -> ImportResult:
    """Take the entries of an `.ics` file in the days `first` to `last` (both included), all or none.

    An entry is known by its identifier, so the same file again changes nothing; what changed is moved or renamed, what
    is cancelled is freed, what a person has moved by hand stays where it is, what they have removed stays
    away. With `replace`, what earlier imports made
    in these days and the file no longer holds is freed too; without, a file may hold a part of the calendar.
    Appointments are never touched: an entry over one is overbooked. Raises `NotFound`, `NotAllowed`, `UnusableFile`,
    `NoPeriod`.
    """
    calendar = changeable_calendar(actor, calendar_id)
    file = read_file(actor, data, first, last)  # before the lock: a large file takes its time
    lock_time({calendar.id, *calendars_of(actor, calendar)}, [])
    result = compare(actor, calendar, file, (first, last), replace=replace)
    if result.changes_anything:
        _write(actor, calendar, result, hashlib.sha256(data).digest())
        announce(actor.practice_id, calendar.id)
    return result


def _write(actor: Actor, calendar: Calendar, result: ImportResult, file_hash: bytes) -> None:
    """Free what goes, take what comes in order of time (overlaps were judged so), then enter it."""
    moved_away = (change.block.occupancy for change in result.moved if change.block)
    release(actor, *moved_away, *(block.occupancy for block in result.retired))
    placed = result.placed
    ids = occupy(actor, *(_wanted(calendar, change) for change in placed))
    calendar_import = CalendarImport.objects.create(
        practice_id=actor.practice_id, calendar=calendar, file_hash=file_hash
    )
    blocks = [_block(change, occupancy_id, calendar_import) for change, occupancy_id in zip(placed, ids, strict=True)]
    blocks += [_block(one, one.block.occupancy_id, calendar_import) for one in result.retitled if one.block]
    Block.objects.bulk_create(
        blocks, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=_CHANGED
    )


def _wanted(calendar: Calendar, change: Change) -> Wanted:
    return Wanted(
        calendar_id=calendar.id,
        space_id=None,
        starts_at=change.entry.starts_at,
        ends_at=end_of(change.entry),
        kind=Occupancy.Kind.BLOCK,
        overbooked=bool(change.over),
    )


def _block(change: Change, occupancy_id: UUID, calendar_import: CalendarImport) -> Block:
    """A new block, or one that is there as it is now: it keeps its id and its first import."""
    entry, block = change.entry, change.block
    return Block(
        id=block.id if block else new_id(),
        practice_id=calendar_import.practice_id,
        calendar_id=calendar_import.calendar_id,
        calendar_import_id=block.calendar_import_id if block else calendar_import.id,
        occupancy_id=occupancy_id,
        title=title_of(entry),
        starts_at=entry.starts_at,
        ends_at=end_of(entry),
        all_day=entry.all_day,
        uid=entry.uid,
        recurrence=entry.recurrence,
    )
