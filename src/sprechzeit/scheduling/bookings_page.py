"""The work list of new bookings, in words and in the practice's time (BOO-12)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.audit.queries import log_list
from sprechzeit.patients.likeness import Sign
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import may_merge, patients_by_role
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.appointment_page import booker_of
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.new_page import in_the_book
from sprechzeit.scheduling.queries.new_bookings import (
    Alike,
    Proposed,
    WorkList,
    has_own_and_others,
    seen_bookings,
    work_list,
)
from sprechzeit.ui.initials import initials

SIGNS = {
    Sign.FIRST_NAME: gettext_lazy("First name"),
    Sign.LAST_NAME: gettext_lazy("Last name"),
    Sign.DATE_OF_BIRTH: gettext_lazy("Date of birth"),
    Sign.EMAIL: gettext_lazy("E-mail"),
    Sign.PHONE: gettext_lazy("Phone"),
}
ALL, SEEN = "all", "seen"


def page_of(actor: Actor, shown: str, *, mine: bool = False) -> dict[str, Any]:
    """The page; `shown`: one kind of it, or all. A kind that there is not shows all. `mine`: of one's own calendars."""
    zone = practice_of(actor).zone
    chooses = has_own_and_others(actor)
    mine = mine and chooses
    found = work_list(actor, mine=mine)
    log_list(actor, "scheduling_appointment", f"new bookings {mine}", [one.pk for one in found.bookings])
    sections = _sections(found, zone, _mergeable(actor, found))
    shown = shown if shown in {one["key"] for one in sections} | {SEEN} else ALL
    return {
        "total": found.total,
        "listed": len(found),
        "since": moment(found.since, zone) if found.since else "",
        "mine": mine,
        "whose": _whose(shown, mine=mine) if chooses else [],
        "chips": _chips(sections, found.total, shown, mine=mine),
        "sections": [one for one in sections if one["rows"] and shown in (ALL, one["key"])],
        "all_seen": [one.pk for one in found.bookings] if shown == ALL else [],
        "seen": _seen(actor, zone, mine=mine) if shown == SEEN else [],
        "shown": shown,
        "list_url": _address(shown, mine=mine),
    }


def _address(shown: str, *, mine: bool) -> str:
    return f"{reverse('scheduling_bookings:bookings')}?show={shown}" + ("&mine=1" if mine else "")


def _whose(shown: str, *, mine: bool) -> list[dict[str, Any]]:
    """Everybody's bookings, or those of one's own calendars."""
    choices = [(_("All calendars"), False), (_("My calendars"), True)]
    return [{"label": label, "url": _address(shown, mine=own), "is_chosen": own == mine} for label, own in choices]


def _counted(count: int, cut: bool) -> str:
    """How many of a kind are listed; '82+' where there may be more of it among what is not."""
    return f"{count}+" if cut else str(count)


def _mergeable(actor: Actor, found: WorkList) -> frozenset[UUID]:
    """Of those that look like one person, the records that the actor may merge (PAT-4)."""
    ids = {one.pk for alike in found.alike for one in (alike.booking.patient, alike.other) if one.archived_at is None}
    seen = patients_by_role(actor).filter(pk__in=ids).values_list("pk", flat=True) if ids and may_merge(actor) else ()
    return frozenset(seen)


def _sections(found: WorkList, zone: ZoneInfo, mergeable: Collection[UUID]) -> list[dict[str, Any]]:
    cut = found.bookings_in_all > len(found.bookings)
    sections: list[dict[str, Any]] = [
        {
            "key": "duplicates",
            "title": _("Possible duplicates"),
            "icon": "git-merge",
            "rows": [_alike(one, zone, mergeable) for one in found.alike],
            "is_warning": True,
        },
        {
            "key": "contacts",
            "title": _("Proposed contact changes"),
            "short": _("Contact changes"),
            "icon": "user-pen",
            "rows": [_proposed(one, zone) for one in found.proposed],
        },
        {
            "key": "new",
            "title": _("New patients"),
            "icon": "user-plus",
            "rows": [_booking(one, zone) for one in found.new],
        },
        {
            "key": "known",
            "title": _("Known patients"),
            "icon": "calendar-days",
            "rows": [_booking(one, zone) for one in found.known],
        },
    ]
    for one in sections:
        of_bookings = one["key"] != "contacts"
        one["count"] = _counted(len(one["rows"]), cut) if of_bookings else str(found.proposed_in_all)
    return sections


def _chips(sections: list[dict[str, Any]], total: int, shown: str, *, mine: bool) -> list[dict[str, Any]]:
    chips = [(ALL, _("All"), str(total))] + [
        (one["key"], one.get("short") or one["title"], one["count"]) for one in sections
    ]
    return [
        {"label": label, "count": count, "url": _address(key, mine=mine), "is_chosen": key == shown}
        for key, label, count in [*chips, (SEEN, _("Seen"), "")]
    ]


def _booking(booking: Appointment, zone: ZoneInfo) -> dict[str, Any]:
    starts = booking.starts_at.astimezone(zone)
    day = date_format(starts, "SHORT_WEEKDAY_DAY_FORMAT")
    return {
        "id": booking.pk,
        "person": person(booking.patient),
        "booked": moment(booking.created_at, zone),
        "type": booking.type.name,
        "colour": booking.type.colour,
        "when": f"{day}, {starts:%H:%M}",
        "with": booking.calendar.name,
        "url": reverse("scheduling:appointment", args=[booking.pk]),
        "book_url": in_the_book(booking, zone),
        "remark": booking.remark,
        "partner": booking.partner.name if booking.partner else "",
        "booker": booker_of(booking),
        "insurance": booking.get_insurance_display() if booking.insurance else "",
    }


def _alike(alike: Alike, zone: ZoneInfo, mergeable: Collection[UUID]) -> dict[str, Any]:
    new, other = alike.booking.patient_id, alike.other.pk
    merging = f"{reverse('patients:merging', args=[other])}?with={new}"
    return _booking(alike.booking, zone) | {
        "merge_url": merging if {new, other} <= set(mergeable) else "",
        "other": person(alike.other),
        "same": [SIGNS[sign] for sign in alike.likeness.same],
        "different": [SIGNS[sign] for sign in alike.likeness.different],
        "compared": _compared(alike.booking.patient, alike.other),
    }


def _compared(new: Patient, other: Patient) -> list[tuple[str, str, str]]:
    """Line by line: what, of the new record, of the older one."""
    pairs = [
        (_("Number"), str(new.number), str(other.number)),
        (_("Last name"), new.last_name, other.last_name),
        (_("First name"), new.first_name, other.first_name),
        (_("Date of birth"), _born(new.date_of_birth), _born(other.date_of_birth)),
        (_("Contact"), _contacts(new), _contacts(other)),
    ]
    if other.archived_at:
        pairs.append((_("State"), _("active"), _("archived")))
    return pairs


def _contacts(patient: Patient) -> str:
    return ", ".join(point.value for point in patient.contact_points.all()) or "–"


def _born(born_on: date | None) -> str:
    return date_format(born_on, "SHORT_DATE_FORMAT") if born_on else "–"


def _proposed(proposed: Proposed, zone: ZoneInfo) -> dict[str, Any]:
    proposal = proposed.proposal
    return {
        "proposal": proposal.pk,
        "person": person(proposal.patient),
        "booked": moment(proposal.proposed_at, zone),
        "kind": proposal.get_kind_display(),
        "value": proposal.value,
        "former": proposed.former,
        "replaces": len(proposed.former) == 1,
    }


def _seen(actor: Actor, zone: ZoneInfo, *, mine: bool) -> list[dict[str, Any]]:
    bookings = seen_bookings(actor, mine=mine)
    names = {f"{ActorKind.MEMBER}:{one.pk}": one.name for one in visible_members(actor)}
    return [
        _booking(one, zone) | {"seen": moment(one.seen_at, zone), "seen_by": names.get(one.seen_by, "")}
        for one in bookings
        if one.seen_at
    ]


def person(patient: Patient) -> dict[str, Any]:
    """A patient in a list."""
    return {
        "name": patient.full_name,
        "number": patient.number,
        "born": _born(patient.date_of_birth) if patient.date_of_birth else "",
        "initials": initials(patient.first_name, patient.last_name),
        "colour": patient.number % 8 + 1,
    }


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """'today, 08:12', 'yesterday, 21:40', '20.11.2026, 18:03'."""
    local, today = instant.astimezone(zone), timezone.now().astimezone(zone).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return _("today, %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday, %(time)s") % {"time": clock}
    return date_format(local, "SHORT_DATETIME_FORMAT")
