"""The history of an appointment in words: who booked, moved or cancelled it, when, from what to what (CAL-15)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.practice.models import Room
from sprechzeit.practice.queries import people_of
from sprechzeit.scheduling.models import AppointmentType, Calendar

PLACE = ("starts_at", "ends_at", "calendar_id", "room_id")


def lines_of(actor: Actor, entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """When, who, what; oldest first. Cancellation and attendance bear their appointment's id, so they are there."""
    known = list(entries)
    words, people = Words(zone, places_of(known)), people_of(actor, (entry.actor for entry in known))
    lines = []
    for entry in known:
        if what := words.what(entry):
            when = date_format(entry.at.astimezone(zone), "SHORT_DATETIME_FORMAT")
            lines.append((when, people[entry.actor], what))
    return lines


@dataclass(frozen=True, slots=True)
class Words:
    """Says what was done to an appointment. `names`: of the calendars and rooms that the entries speak of, by id."""

    zone: ZoneInfo
    names: Mapping[str, str]

    def what(self, entry: Entry) -> str:
        """In words; empty for what nobody need know, and for values that were erased."""
        old, new = entry.value.old or {}, entry.value.new or {}
        match entry.table_name, entry.operation:
            case "scheduling_appointment", "insert":
                return _booked(new.get("source"))
            case "scheduling_appointment", "update":
                return self._changed(old, new)
            case "scheduling_booker", "insert":
                return _booker(new)
            case "scheduling_cancellation", "insert":
                return self._cancelled(new.get("reason"), told=bool(new.get("tells_reason")))
            case "scheduling_cancellation", "delete":
                return _("Cancellation undone")
            case "scheduling_attendance", "delete":
                return _("Planned again")
            case "scheduling_attendance", _operation if state := new.get("state"):
                return self._attended(state)
        return ""

    def _changed(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        if any(column in new for column in PLACE):
            return self._moved(old, new)
        if "location" in new:
            return _("Takes place: %(new)s instead of %(old)s") % {
                "new": _location(new["location"]),
                "old": _location(old.get("location")),
            }
        if "told_starts_at" in new:
            return _("Patient told of the time") if new["told_starts_at"] else _("Patient no longer knows of the time")
        return _("Remark changed") if "remark" in new else ""

    def _cancelled(self, reason: str | None, *, told: bool) -> str:
        if not reason:
            return _("Cancelled")
        words = _("Cancelled: %(reason)s (told to the patient)") if told else _("Cancelled: %(reason)s")
        return words % {"reason": reason}

    def _attended(self, state: str) -> str:
        return {"arrived": _("Arrived"), "completed": _("Completed"), "no_show": _("Did not come")}.get(state, "")

    def _moved(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """'Moved from 10:00 to 11:00, from Miriam Albers to Jonas Petersen': what changed, and nothing else."""
        in_time = self._in_time(old, new)
        parts = [in_time] if in_time else []
        for column in ("calendar_id", "room_id"):
            if column in new:
                former, now = self._name(old[column]), self._name(new[column])
                parts.append(_("from %(old)s to %(new)s") % {"old": former, "new": now})
        return ", ".join(parts) if in_time else _("Moved %(parts)s") % {"parts": ", ".join(parts)}

    def _in_time(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """The begin alone where the length stays; else which end moved, or both with begin and end."""
        starts, ends = (
            [datetime.fromisoformat(one[name]).astimezone(self.zone) for one in (old, new)] if name in new else []
            for name in ("starts_at", "ends_at")
        )
        if starts and ends:
            stays = ends[0] - starts[0] == ends[1] - starts[1]
            return self._times(_("Moved from %(old)s to %(new)s"), starts, [] if stays else ends)
        if starts:
            return self._times(_("Begin moved from %(old)s to %(new)s"), starts)
        return self._times(_("End moved from %(old)s to %(new)s"), ends) if ends else ""

    def _times(self, words: str, times: Sequence[datetime], ends: Sequence[datetime] = ()) -> str:
        """The day stands with the times where it is another one; `ends`: until when, where that must be said."""
        same_day = times[0].date() == times[1].date()
        said = [f"{one:%H:%M}" if same_day else date_format(one, "SHORT_DATETIME_FORMAT") for one in times]
        if ends:
            said = [f"{begin}–{end:%H:%M}" for begin, end in zip(said, ends, strict=True)]
        return words % {"old": said[0], "new": said[1]}

    def _name(self, row_id: str | None) -> str:
        return self.names.get(row_id, "") if row_id else _("no room")


def _booked(source: str | None) -> str:
    match source:
        case "online":
            return _("Booked online")
        case "partner":
            return _("Booked at the booking partner")
        case _:
            return _("Entered")


def _location(value: str | None) -> str:
    return str(dict(AppointmentType.Location.choices).get(value or "", ""))


def _booker(new: Mapping[str, Any]) -> str:
    name = f"{new.get('first_name', '')} {new.get('last_name', '')}".strip()
    return _("%(name)s booked for the patient") % {"name": name} if name else ""


def places_of(entries: Iterable[Entry]) -> dict[str, str]:
    """Names of the calendars and rooms that the entries speak of."""
    calendars, rooms = set(), set()
    for entry in entries:
        for values in (entry.value.old or {}, entry.value.new or {}):
            calendars |= {values["calendar_id"]} if values.get("calendar_id") else set()
            rooms |= {values["room_id"]} if values.get("room_id") else set()
    found: dict[str, str] = {}
    for rows in (Calendar.objects.filter(pk__in=calendars), Room.objects.filter(pk__in=rooms)):
        found |= {str(key): name for key, name in rows.values_list("id", "name")}
    return found
