"""An appointment's details, as the popover and its page show them."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.fields import shown
from sprechzeit.access.table import Data, Reach
from sprechzeit.audit.queries import history_of
from sprechzeit.patients.policy import fields_seen, visible_patients
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.records import record_information
from sprechzeit.scheduling.actions.attend import PLANNED
from sprechzeit.scheduling.history import lines_of
from sprechzeit.scheduling.models import Appointment, AppointmentType, Booker
from sprechzeit.scheduling.policy import (
    may_change_appointment,
    may_document,
    may_hold,
    may_see_history,
    may_see_joining,
)
from sprechzeit.scheduling.queries.appointment import is_later_day, who_writes
from sprechzeit.scheduling.queries.reaching import SMS, way_to
from sprechzeit.scheduling.queries.video import joining
from sprechzeit.scheduling.video_links import CLOSES_AFTER

LOCATION_ICONS = {"practice": "building-2", "phone": "phone", "home": "house", "video": "video"}
ICONS = {"email": ("mail", "mailto:"), **dict.fromkeys(("mobile", "phone", "work"), ("phone", "tel:"))}


def age_on(day: date, born: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def details_of(actor: Actor, found: Appointment) -> dict[str, Any]:
    """What stands in the popover; what may be done only where the actor may. Of the patient, the fields that the actor
    sees (ACC-11, ACC-21).
    """
    fields = fields_seen(actor, found.patient)
    zone = practice_of(actor).zone
    starts, ends = found.starts_at.astimezone(zone), found.ends_at.astimezone(zone)
    cancelled, writes = hasattr(found, "cancellation"), who_writes(actor, found)
    way = None if writes else way_to(actor, found, known=True)
    may_change = may_change_appointment(actor, found)
    born = found.patient.date_of_birth
    points = [one for one in found.patient.contact_points.order_by("kind", "value") if shown(one.kind, fields)]
    today = timezone.now().astimezone(zone).date()
    history = history_of(actor, found.practice_id, [found.id]) if may_see_history(actor, found) else []
    return {
        "id": found.id,
        "day": starts.date(),
        "title": found.patient.full_name,
        "date_of_birth": born,
        "age": age_on(today, born) if born else None,
        "number": found.patient.number if shown("number", fields) else None,
        "warnings": found.patient.warning_lines if shown("warnings", fields) else [],
        "record_url": _record_url(actor, found, fields),
        "type_name": found.type.name,
        "colour": found.type.colour,
        "when": f"{date_format(starts, 'SHORT_WEEKDAY_DATE_FORMAT')} · {starts:%H:%M}–{ends:%H:%M}",
        "calendar_name": found.calendar.name,
        "room_name": found.room.name if found.room else "",
        "location": place_of(found.location),
        "locations": [place_of(one) for one in AppointmentType.Location] if may_change and not cancelled else [],
        "joining": _joining(actor, found) if not cancelled and may_see_joining(actor, found) else None,
        "overbooked": found.occupancy.overbooked and not cancelled,
        "source_label": _("Source: %(source)s") % {"source": source_of(found)},
        "writes": _("%(name)s writes to the patient.") % {"name": writes.name} if writes else "",
        "remark": found.remark,
        "insurance": found.get_insurance_display() if found.insurance and shown("insurance", fields) else "",
        "booker": booker_of(found),
        "contacts": [(ICONS[one.kind][0], one.value, ICONS[one.kind][1] + one.value) for one in points],
        "history": lines_of(actor, history, zone),
        "record": record_information(actor, history),
        "cancelled": cancelled,
        "reason": found.cancellation.reason if cancelled else "",
        "untold": None if cancelled or found.told_starts_at == found.starts_at else _untold(found, zone),
        "mail_to": way.address if way else "",
        "has_messages": actor.kind is ActorKind.MEMBER and actor.reach(Data.MESSAGES) is not Reach.NONE,
        "by_sms": way is not None and way.channel == SMS,
        "may_change": may_change and not cancelled,
        "has_come": hasattr(found, "attendance"),
        "may_document": not cancelled and may_document(actor, found) and not is_later_day(actor, found.starts_at),
        "states": _states(found, is_later_day(actor, found.starts_at)),
        "place_url": reverse("scheduling:place", args=[found.id]),
    }


def place_of(location: str) -> dict[str, str]:
    """Where something takes place, with its icon."""
    return {"value": location, "label": str(AppointmentType.Location(location).label), "icon": LOCATION_ICONS[location]}


def _joining(actor: Actor, found: Appointment) -> dict[str, Any] | None:
    """Link and TAN of what is held by video, to be read out; where it has none yet, why (PUSH-7, PUSH-8)."""
    if found.location != AppointmentType.Location.VIDEO:
        return None
    if found.ends_at + CLOSES_AFTER < timezone.now():
        return None
    how = joining(actor, found)
    opens = how is not None and how.is_here and may_hold(actor, found.calendar)
    return {
        "url": how.url if how else "",
        "tan": how.tan if how else "",
        # By its path: the rooms above this one answer there.
        "consultation_url": f"/video/appointments/{found.pk}/" if opens else "",
    }


def _record_url(actor: Actor, found: Appointment, fields: frozenset[str] | None) -> str:
    """The patient's record, for who sees it; of somebody else's patient in one's calendar there is none (ACC-11)."""
    is_visible = fields is None or visible_patients(actor).filter(pk=found.patient_id).exists()
    return reverse("patients:record", args=[found.patient_id]) if is_visible else ""


def source_of(found: Appointment) -> str:
    """How it came; of a partner's booking, which partner it was (OTV-7)."""
    if found.partner is None:
        return str(found.get_source_display())
    return _("%(name)s (booking partner)") % {"name": found.partner.name}


def booker_of(found: Appointment) -> dict[str, str] | None:
    """Who booked for the patient, and how they are reached."""
    booker = getattr(found, "booker", None)
    if booker is None:
        return None
    by_child = booker.relation == Booker.Relation.CHILD
    words = _("%(name)s booked it for their child") if by_child else _("%(name)s booked it for the patient")
    return {"words": words % {"name": booker.full_name}, "mobile": booker.mobile, "email": found.email}


def _untold(found: Appointment, zone: Any) -> str:
    if found.told_starts_at is None:
        return _("The patient has not been told that it takes place like this.")
    told, now = found.told_starts_at.astimezone(zone), found.starts_at.astimezone(zone)
    format_name = "CLOCK_FORMAT" if told.date() == now.date() else "SHORT_DATETIME_FORMAT"
    return _("The appointment was moved from %(former)s to %(now)s.") % {
        "former": date_format(told, format_name),
        "now": date_format(now, format_name),
    }


def _states(found: Appointment, is_later: bool) -> list[dict[str, Any]]:
    """The buttons of the state, each with its key. Before its day there is nothing to choose."""
    current = found.attendance.state if hasattr(found, "attendance") else PLANNED
    if is_later and current == PLANNED:
        return []
    buttons = [
        (PLANNED, _("Planned"), "circle-dot", ""),
        ("arrived", _("Arrived"), "check", "i"),
        ("completed", _("Completed"), "badge-check", "e"),
        ("no_show", _("Did not come"), "user-x", "n"),
    ]
    return [
        {"value": value, "label": label, "icon": icon, "key": key, "current": value == current}
        for value, label, icon, key in buttons
        if value in (PLANNED, current) or not is_later
    ]
