"""The history of an appointment in words (CAL-15)."""

from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import ActorKind
from sprechzeit.audit.models import Entry
from sprechzeit.practice.models import Member


def lines_of(entries: Iterable[Entry], zone: ZoneInfo) -> list[tuple[str, str, str]]:
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
    ids = {_identity(entry.actor) for entry in entries if entry.actor.startswith(ActorKind.MEMBER)}
    return dict(Member.objects.filter(pk__in=ids).values_list("id", "name"))


def _identity(actor: str) -> UUID:
    return UUID(actor.partition(":")[2])


def _who(actor: str, names: dict[UUID, str]) -> str:
    kind = actor.partition(":")[0]
    if kind == ActorKind.MEMBER:
        return names.get(_identity(actor), "")
    if kind in (ActorKind.VISITOR, ActorKind.LINK):
        return _("Patient")
    return _("Sprechzeit")
