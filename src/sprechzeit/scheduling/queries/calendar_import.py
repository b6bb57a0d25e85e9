"""What taking a calendar file into a calendar does, or would do: the preview and the import read the same plan."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as copy_with
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import DomainError, NotAllowed
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.calendar_file import CalendarFile, Entry, Problem, read_calendar
from sprechzeit.scheduling.models import Block, Calendar, Occupancy
from sprechzeit.scheduling.policy import get_calendar, may_change_calendar

DEFAULT_DAYS = 2 * 365
TITLE_LENGTH = 300
# Some programs end what goes on for ever in the year 9999. No count of minutes need reach so far.
LAST_YEAR = 2199
LATEST = datetime(LAST_YEAR + 2, 1, 1, tzinfo=UTC)
_WHOLE_FILE = frozenset({"too_large", "not_a_calendar", "no_entries", "too_many_entries"})

Span = tuple[datetime, datetime]
Key = tuple[str, str]


class UnusableFile(DomainError):
    """Nothing of the file can be taken; `problem` says why."""

    code = "unusable_file"

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(gettext(problem.message) % problem.params)


class NoPeriod(DomainError):
    """The period ends before it begins, or too late."""

    code = "no_period"
    message = _("The last day must not lie before the first, nor after the year 2199.")


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the file that is not yet in the calendar as it stands there.

    `block`: what an earlier import made of it. `over`: the kinds of occupancy it lies over, so that it is taken as
    overbooked; a kind of an earlier entry of the same file is 'block' too.
    """

    entry: Entry
    block: Block | None = None
    over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What becomes of a file's entries, and of what earlier imports made.

    `by_hand`: entries whose block a person has given another place since; they stay there, whatever the file says.
    `removed`: entries whose block a person has removed since; they do not come back.
    `retired`: entries that are now cancelled, free or (`replace`) gone, whose time is freed. `missing`: taken earlier,
    not in this file, kept. `skipped`: cancelled or marked free in the file, so they take no time.
    """

    made: Sequence[Change] = ()
    moved: Sequence[Change] = ()
    retitled: Sequence[Change] = ()
    by_hand: Sequence[Change] = ()
    removed: Sequence[Change] = ()
    retired: Sequence[Block] = ()
    missing: Sequence[Block] = ()
    unchanged: int = 0
    skipped: Sequence[Entry] = ()
    problems: Sequence[Problem] = ()

    @property
    def changes_anything(self) -> bool:
        return bool(self.made or self.moved or self.retitled or self.retired)

    @property
    def placed(self) -> list[Change]:
        """What takes a time anew, in order of begin."""
        return sorted((*self.made, *self.moved), key=lambda change: change.entry.starts_at)

    @property
    def overbooked(self) -> list[Change]:
        """What lies over something."""
        return [change for change in self.placed if change.over]


class Taken:
    """Whether a time is taken: exactly if, of all that begins before its end, the latest end lies behind its begin."""

    def __init__(self, spans: Iterable[Span]) -> None:
        ordered = sorted(spans)
        self._starts = [starts_at for starts_at, _ends_at in ordered]
        self._latest_end = list(accumulate((ends_at for _starts_at, ends_at in ordered), max))

    def over(self, starts_at: datetime, ends_at: datetime) -> bool:
        place = bisect_left(self._starts, ends_at)
        return place > 0 and self._latest_end[place - 1] > starts_at


def default_period(actor: Actor) -> tuple[date, date]:
    """Today and two years on, in the practice's zone."""
    zone = Practice.objects.get(pk=actor.practice_id).zone
    today = timezone.now().astimezone(zone).date()
    return today, today + timedelta(days=DEFAULT_DAYS)


def plan_import(
    actor: Actor, calendar_id: UUID, data: bytes, *, first: date, last: date, replace: bool = False
) -> ImportResult:
    """What `import_calendar` with the same arguments would do now. Raises what it raises; writes nothing."""
    calendar = changeable_calendar(actor, calendar_id)
    return compare(actor, calendar, read_file(actor, data, first, last), (first, last), replace=replace)


def changeable_calendar(actor: Actor, calendar_id: UUID) -> Calendar:
    """Raises `NotFound`; `NotAllowed` for a calendar that is seen but not changed by this actor."""
    calendar = get_calendar(actor, calendar_id)
    require(may_change_calendar(actor, calendar), NotAllowed)
    return calendar


def read_file(actor: Actor, data: bytes, first: date, last: date) -> CalendarFile:
    """The file's entries in the days `first` to `last` of the practice. Raises `UnusableFile`, `NoPeriod`."""
    require(first <= last and last.year <= LAST_YEAR, NoPeriod)
    zone = Practice.objects.get(pk=actor.practice_id).zone
    file = read_calendar(data, zone=zone, first=first, last=last)
    for problem in file.problems:
        if problem.code in _WHOLE_FILE:
            raise UnusableFile(problem)
    return file


def calendars_of(actor: Actor, calendar: Calendar) -> set[UUID]:
    """Where what was imported into the calendar stands now: a person may have moved some of it to another."""
    imported = Block.objects.filter(practice_id=actor.practice_id, calendar_import__calendar=calendar)
    return set(imported.values_list("calendar_id", flat=True).distinct())


def compare(
    actor: Actor, calendar: Calendar, file: CalendarFile, days: tuple[date, date], *, replace: bool
) -> ImportResult:
    """Hold the file against what the calendar has. The plan lasts only as long as the calendar's lock is kept."""
    blocks = _blocks(actor, calendar)
    entries = {_key(entry): entry for entry in file.entries}
    new, moved, retitled, by_hand, unchanged = _sorted(entries, blocks)
    removed = [Change(entry, blocks[key]) for key, entry in entries.items() if _is_removed(entry, blocks.get(key))]
    led = {key: block for key, block in blocks.items() if _leads(calendar, block)}
    ended = [block for key, block in led.items() if _ended(entries.get(key), block)]
    missing = list(_missing(actor, led, entries, file.problems, days))
    retired = [*ended, *missing] if replace else ended
    freed = {block.occupancy_id for block in (*retired, *(change.block for change in moved if change.block))}
    over = _overlaps([*new, *moved], _taken(actor, calendar, freed))
    return ImportResult(
        made=[copy_with(change, over=over[_key(change.entry)]) for change in new],
        moved=[copy_with(change, over=over[_key(change.entry)]) for change in moved],
        retitled=retitled,
        by_hand=by_hand,
        removed=removed,
        retired=retired,
        missing=[] if replace else missing,
        unchanged=unchanged,
        skipped=[entry for entry in entries.values() if not entry.takes_time],
        problems=file.problems,
    )


def end_of(entry: Entry) -> datetime:
    """Until when the entry's block lasts."""
    return min(entry.ends_at, LATEST)


def title_of(entry: Entry) -> str:
    """The block's title."""
    return entry.title[:TITLE_LENGTH]


def _key(entry: Entry) -> Key:
    return entry.uid, entry.recurrence


def _blocks(actor: Actor, calendar: Calendar) -> dict[Key, Block]:
    """What earlier imports put into the calendar, wherever it is now, and what was moved here from another's."""
    imported = Block.objects.filter(practice_id=actor.practice_id, calendar_import__isnull=False)
    found = imported.filter(Q(calendar=calendar) | Q(calendar_import__calendar=calendar))
    ordered = found.select_related("occupancy", "calendar_import").order_by("starts_at", "uid", "recurrence")
    foreign_first = sorted(ordered, key=lambda block: _leads(calendar, block))
    return {(block.uid, block.recurrence): block for block in foreign_first}


def _leads(calendar: Calendar, block: Block) -> bool:
    """Whether it was a file of this calendar that brought it."""
    return block.calendar_import is not None and block.calendar_import.calendar_id == calendar.pk


def _sorted(
    entries: Mapping[Key, Entry], blocks: Mapping[Key, Block]
) -> tuple[list[Change], list[Change], list[Change], list[Change], int]:
    """New (or back again), moved, retitled, moved by hand, and how many are unchanged."""
    new, moved, retitled, by_hand, unchanged = [], [], [], [], 0
    for key, entry in entries.items():
        block = blocks.get(key)
        if not entry.takes_time or _is_removed(entry, block):
            continue
        if block is None or not block.occupancy.active:
            new.append(Change(entry, block))
        elif block.moved_by_hand:
            by_hand.append(Change(entry, block))
        elif (block.starts_at, block.ends_at) != (entry.starts_at, end_of(entry)):
            moved.append(Change(entry, block))
        elif (block.title, block.all_day) != (title_of(entry), entry.all_day):
            retitled.append(Change(entry, block))
        else:
            unchanged += 1
    return new, moved, retitled, by_hand, unchanged


def _is_removed(entry: Entry, block: Block | None) -> bool:
    """A person has removed it from the book, and the file still has it."""
    return block is not None and block.removed_at is not None and entry.takes_time


def _ended(entry: Entry | None, block: Block) -> bool:
    """The file says that it does not take time any more."""
    return entry is not None and not entry.takes_time and block.occupancy.active


def _missing(
    actor: Actor,
    blocks: Mapping[Key, Block],
    entries: Mapping[Key, Entry],
    problems: Iterable[Problem],
    days: tuple[date, date],
) -> Iterator[Block]:
    """What stands in the period from earlier and is not in the file. What could not be read is not missing."""
    zone = Practice.objects.get(pk=actor.practice_id).zone
    begin, end = (engine.instant_of(minute) for minute in engine.day_period(zone, *days))
    unread = {problem.uid for problem in problems if problem.uid}
    for key, block in blocks.items():
        within = block.starts_at < end and block.ends_at > begin
        if within and block.occupancy.active and key not in entries and block.uid not in unread:
            yield block


def _taken(actor: Actor, calendar: Calendar, freed: set[UUID]) -> dict[str, Taken]:
    """The calendar's active time by kind, but for what this import frees. Holds expire on the database's clock."""
    active = Occupancy.objects.filter(practice_id=actor.practice_id, calendar=calendar, active=True)
    spans: dict[str, list[Span]] = {}
    for occupancy_id, kind, starts_at, ends_at in active.filter(
        Q(expires_at=None) | Q(expires_at__gt=Now())
    ).values_list("id", "kind", "starts_at", "ends_at"):
        if occupancy_id not in freed:
            spans.setdefault(kind, []).append((starts_at, ends_at))
    return {kind: Taken(of_kind) for kind, of_kind in spans.items()}


def _overlaps(changes: Sequence[Change], taken: Mapping[str, Taken]) -> dict[Key, frozenset[str]]:
    """What each lies over: what is there, or an entry placed before it."""
    over: dict[Key, frozenset[str]] = {}
    placed_until = datetime.min.replace(tzinfo=UTC)
    for change in sorted(changes, key=lambda change: change.entry.starts_at):
        starts_at, ends_at = change.entry.starts_at, end_of(change.entry)
        kinds = {kind for kind, times in taken.items() if times.over(starts_at, ends_at)}
        if starts_at < placed_until:
            kinds.add(Occupancy.Kind.BLOCK)
        placed_until = max(placed_until, ends_at)
        over[_key(change.entry)] = frozenset(kinds)
    return over
