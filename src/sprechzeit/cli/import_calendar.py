"""`sprechzeit import calendar`: take a calendar exported from another program, after showing what will happen."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from django.db import OperationalError, ProgrammingError, connection

from sprechzeit.access.actor import Actor, system
from sprechzeit.core.acting import run_as
from sprechzeit.core.errors import DomainError
from sprechzeit.operations.terminal import _
from sprechzeit.practice.models import Practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.import_calendar import import_calendar
from sprechzeit.scheduling.calendar_file import Limits, Problem
from sprechzeit.scheduling.models import Calendar, Occupancy
from sprechzeit.scheduling.policy import visible_calendars
from sprechzeit.scheduling.queries.calendar_import import (
    Change,
    ImportResult,
    NoPeriod,
    UnusableFile,
    default_period,
    plan_import,
)

LINES_SHOWN = 10

_HELP = _(
    "Take the entries of FILE, a calendar exported from another program as iCalendar (.ics), as blocked time into a "
    "calendar. First it shows what will happen. The same file can be taken again: only what changed is changed, and "
    "appointments are never touched."
)
_REPLACE = _(
    "FILE is the whole calendar: what earlier imports made in this period and FILE no longer holds is taken out. "
    "Without this such entries stay."
)


@click.command("calendar", help=_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--practice", required=True, help=_("The practice, as in the address of its booking page."))
@click.option("--calendar", "name", required=True, help=_("The calendar's name."))
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help=_("First day. Today, if not given."))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=_("Last day. In two years, if not given."))
@click.option("--replace", is_flag=True, help=_REPLACE)
@click.option("--preview", is_flag=True, help=_("Show everything that would happen, and write nothing."))
@click.option("--yes", is_flag=True, help=_("Do not ask before writing."))
def calendar(
    file: Path,
    practice: str,
    name: str,
    since: datetime | None,
    until: datetime | None,
    replace: bool,
    preview: bool,
    yes: bool,
) -> None:
    if not (preview or yes or sys.stdin.isatty()):
        raise click.UsageError(_("There is nobody to ask: add --yes to import, or --preview to look first."))
    data = _read(file)
    actor = system_of(practice)
    found, column, period = run_as(actor, lambda: _target(actor, name))
    first, last = since.date() if since else period[0], until.date() if until else period[1]
    plan = _or_refuse(
        lambda: run_as(actor, lambda: plan_import(actor, column.id, data, first=first, last=last, replace=replace))
    )
    click.echo(f"{found.name} · {column.name} · {first:%d.%m.%Y} – {last:%d.%m.%Y}\n")
    show(plan, found.zone, limit=None if preview else LINES_SHOWN)
    if preview:
        click.echo(_("Nothing was written."))
    elif not plan.changes_anything:
        click.echo(_("Nothing to do: the calendar holds all of this already."))
    else:
        if not yes:
            click.confirm(_("Import now?"), abort=True)
        done = _or_refuse(
            lambda: run_as(
                actor, lambda: import_calendar(actor, column.id, data, first=first, last=last, replace=replace)
            )
        )
        _say_done(plan, done)


def system_of(slug: str) -> Actor:
    """The program itself in the practice with this address. Refused with a message where there is none."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT practice_by_slug(%s)", [slug])
            (practice_id,) = cursor.fetchone()
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(_("The database is not ready; `sprechzeit check` says what is missing.")) from error
    if practice_id is None:
        message = _("There is no practice “%(slug)s”. Its name as in the address of its booking page is meant.")
        raise click.ClickException(message % {"slug": plain(slug)})
    return system(practice_id)


def _read(file: Path) -> bytes:
    """The file's bytes; one that is too large is not even loaded."""
    largest = Limits().file_bytes
    try:
        if file.stat().st_size > largest:
            raise click.ClickException(said(Problem("too_large", params={"megabytes": largest // 1024**2})))
        return file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = _("The file “%(file)s” cannot be read: %(reason)s.")
        raise click.ClickException(message % {"file": plain(str(file)), "reason": reason}) from error


def _target(actor: Actor, name: str) -> tuple[Practice, Calendar, tuple[date, date]]:
    """The practice, its calendar of this name, and the period that is meant where none is given."""
    calendars = {one.name: one for one in visible_calendars(actor).order_by("position", "name")}
    if name not in calendars:
        message = _("There is no calendar “%(name)s”. There are: %(names)s.")
        raise click.ClickException(message % {"name": plain(name), "names": ", ".join(calendars) or "–"})
    return practice_of(actor), calendars[name], default_period(actor)


def _or_refuse(work: Callable[[], ImportResult]) -> ImportResult:
    """Do it; a refusal becomes its message and exit code 1."""
    try:
        return work()
    except UnusableFile as refused:
        raise click.ClickException(said(refused.problem)) from refused
    except NoPeriod as refused:
        raise click.ClickException(
            _("The last day must not lie before the first, nor after the year 2199.")
        ) from refused
    except DomainError as refused:
        raise click.ClickException(str(refused)) from refused


def said(problem: Problem) -> str:
    """A problem in the words of the terminal."""
    params = {name: plain(value) if isinstance(value, str) else value for name, value in problem.params.items()}
    return _(problem.message) % params


def plain(text: str) -> str:
    """A text of the file without what would move a terminal's cursor."""
    return "".join(each if each.isprintable() else "�" for each in text)


def show(result: ImportResult, zone: ZoneInfo, *, limit: int | None) -> None:
    """Counts first, then each list, `limit` lines of each (None: all). What could not be taken is always all."""
    for words, count in (
        (_("New"), len(result.made)),
        (_("Moved"), len(result.moved)),
        (_("With a new title"), len(result.retitled)),
        (_("Taken out"), len(result.retired)),
        (_("Moved by hand, so left where they are"), len(result.by_hand)),
        (_("Removed by hand, so left out"), len(result.removed)),
        (_("Unchanged"), result.unchanged),
        (_("Free or cancelled in the file, so not taken"), len(result.skipped)),
    ):
        click.echo(f"{count:7}  {words}")
    click.echo()
    _list(_("New:"), [_line(change, zone) for change in result.made], limit)
    _list(_("Moved:"), [_line(change, zone) for change in result.moved], limit)
    _list(_("With a new title:"), [_line(change, zone) for change in result.retitled], limit)
    _list(_("Moved by hand; they stay where they are:"), [_kept(one, zone) for one in result.by_hand], limit)
    _list(_("Removed by hand; they are not taken again:"), [_line(one, zone) for one in result.removed], limit)
    _list(_("Taken out:"), [_times(b.starts_at, b.ends_at, b.title, zone) for b in result.retired], limit)
    _list(
        _("Lying over what is there; both stay, side by side:"),
        [f"{_line(change, zone)} – {_over(change)}" for change in result.overbooked],
        limit,
    )
    _list(
        _("From an earlier import and not in this file. They stay; --replace takes them out:"),
        [_times(b.starts_at, b.ends_at, b.title, zone) for b in result.missing],
        limit,
    )
    _list(_("Please check; taken nevertheless:"), _problems(one for one in result.problems if one.taken), None)
    _list(_("Could not be taken:"), _problems(one for one in result.problems if not one.taken), None)


def _list(heading: str, lines: Sequence[str], limit: int | None) -> None:
    if not lines:
        return
    click.echo(heading)
    for line in lines[:limit]:
        click.echo(f"  {line}")
    if limit is not None and len(lines) > limit:
        click.echo("  " + _("… and %(count)s more; --preview shows all.") % {"count": len(lines) - limit})
    click.echo()


def _line(change: Change, zone: ZoneInfo) -> str:
    entry, block = change.entry, change.block
    line = _times(entry.starts_at, entry.ends_at, entry.title, zone)
    if block is not None and block.occupancy.active and block.starts_at != entry.starts_at:
        was = block.starts_at.astimezone(zone)
        line += " " + _("(was %(time)s)") % {"time": f"{was:%d.%m.%Y %H:%M}"}
    return line


def _kept(change: Change, zone: ZoneInfo) -> str:
    """Where it stands, and where the file has it."""
    entry, block = change.entry, change.block
    if block is None:
        return _line(change, zone)
    theirs = entry.starts_at.astimezone(zone)
    line = _times(block.starts_at, block.ends_at, block.title, zone)
    return line + " " + _("(in the file %(time)s)") % {"time": f"{theirs:%d.%m.%Y %H:%M}"}


def _times(starts_at: datetime, ends_at: datetime, title: str, zone: ZoneInfo) -> str:
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    end = f"{ends:%H:%M}" if starts.date() == ends.date() else f"{ends:%d.%m.%Y %H:%M}"
    return f"{starts:%d.%m.%Y %H:%M}–{end}  {plain(title)}".rstrip()


def _over(change: Change) -> str:
    words = {
        str(Occupancy.Kind.APPOINTMENT): _("over an appointment"),
        str(Occupancy.Kind.HOLD): _("over a time that is being booked online"),
        str(Occupancy.Kind.BLOCK): _("over another entry"),
    }
    return ", ".join(text for kind, text in words.items() if kind in change.over)


def _problems(problems: Iterable[Problem]) -> list[str]:
    lines = []
    for problem in problems:
        where = _("Line %(line)s: ") % {"line": problem.line} if problem.line is not None else ""
        title = f"“{plain(problem.title)}” – " if problem.title else ""
        lines.append(where + title + said(problem))
    return lines


def _say_done(plan: ImportResult, done: ImportResult) -> None:
    message = _("Imported: %(made)s new, %(moved)s moved, %(retitled)s with a new title, %(retired)s taken out.")
    counts = {name: len(getattr(done, name)) for name in ("made", "moved", "retitled", "retired")}
    click.echo(message % counts)
    if len(done.overbooked) > len(plan.overbooked):
        click.echo(_("Meanwhile somebody booked: more entries lie over others than shown above."))
