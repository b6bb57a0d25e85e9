"""The history of an appointment in words (CAL-15)."""

from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import ActorKind
from sprechzeit.audit.models import Entry
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.models import Member
from sprechzeit.scheduling.models import Appointment


def lines_of(appointment: Appointment, entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """When, who, what; oldest first."""
    lines = []
    known = list(entries)
    names = _member_names(known)
    for entry in known:
        what = _what(entry)
        if what:
            when = date_format(entry.at.astimezone(zone), "SHORT_DATETIME_FORMAT")
            lines.append((when, _who(entry.actor, names), what))
    return lines


def _what(entry: Entry) -> str:
    new = entry.value.new or {}
    if entry.operation == "insert":
        return _("Booked online") if new.get("source") == "online" else _("Entered")
    if "starts_at" in new:
        return _("Moved")
    if "sequence" in new:
        return _("Cancelled")
    return ""


def _member_names(entries: Iterable[Entry]) -> dict[UUID, str]:
    ids = [parse_id(entry.actor.partition(":")[2]) for entry in entries if entry.actor.startswith(ActorKind.MEMBER)]
    return dict(Member.objects.filter(pk__in=[one for one in ids if one]).values_list("id", "name"))


def _who(actor: str, names: dict[UUID, str]) -> str:
    kind, _colon, identity = actor.partition(":")
    if kind == ActorKind.MEMBER:
        member_id = parse_id(identity)
        return names.get(member_id, "") if member_id else ""
    if kind in (ActorKind.VISITOR, ActorKind.LINK):
        return _("Patient")
    return _("Sprechzeit")
