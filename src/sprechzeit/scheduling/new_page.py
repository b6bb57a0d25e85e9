"""The dialog of a new appointment: what it shows besides its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.audit.queries import SAME_LIST, log_read
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import fields_seen_of, get_patient
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.appointment_page import age_on
from sprechzeit.scheduling.forms.appointment import AppointmentForm
from sprechzeit.scheduling.forms.local_time import clock_of, instant_said, on_the_wire
from sprechzeit.scheduling.models import Appointment, AppointmentType, Calendar, Source, takes_place
from sprechzeit.scheduling.policy import enterable_calendars
from sprechzeit.scheduling.queries.availability import next_free
from sprechzeit.scheduling.queries.dialog import duration_in, durations_in, next_times, rooms_then, types_in, visits_of
from sprechzeit.ui.initials import initials

QUARTER = 15
MORNING = "08:00"


@dataclass(slots=True)
class Draft:
    """What is chosen so far; nothing of it need be complete."""

    calendar: Calendar
    type: AppointmentType | None
    starts_at: datetime
    ends_at: datetime
    patient: Patient | None


def draft_of(actor: Actor, form: AppointmentForm) -> Draft:
    """What the form says, filled up with what is likely: the first calendar and type, the next quarter of an hour.

    Raises `NotFound` where there is no calendar in which the actor may enter anything.
    """
    said = form.data if form.is_bound else form.initial
    calendars = list(enterable_calendars(actor).order_by("position", "name"))
    calendar = next((one for one in calendars if str(one.pk) == str(said.get("calendar"))), None)
    if calendar is None:
        if not calendars:
            raise NotFound
        calendar = next((one for one in calendars if one.member_id == actor.id), calendars[0])
    types = types_in(actor, calendar)
    patient = _patient(actor, said.get("patient"))
    chosen = _type(types, patient, said)
    fold, zone = said.get("fold"), form.zone
    starts_at = instant_said(said.get("start"), fold, zone)
    if starts_at is None:
        starts_at = _first_free(actor, chosen, calendar, _beginning(said.get("day"), form), zone)
    ends_at = instant_said(said.get("end"), fold, zone)
    if ends_at and ends_at <= starts_at:
        ends_at = instant_said(said.get("end"), True, zone)
    if ends_at is None or ends_at <= starts_at:
        minutes = duration_in(actor, chosen, calendar.pk) if chosen else QUARTER
        ends_at = starts_at + timedelta(minutes=minutes)
    return Draft(calendar, chosen, starts_at, ends_at, patient)


def _type(types: Sequence[AppointmentType], patient: Patient | None, said: Any) -> AppointmentType | None:
    """The type that was chosen; else, and when a known patient was chosen just now, the first that is for them."""
    chosen = next((one for one in types if str(one.pk) == str(said.get("type"))), None)
    only_new = AppointmentType.Patients.NEW
    if chosen and not (patient and said.get("fit_type") and chosen.patients == only_new):
        return chosen
    return next((one for one in types if not patient or one.patients != only_new), types[0] if types else None)


def _beginning(day: Any, form: AppointmentForm) -> datetime:
    """The next quarter of an hour; on another day than today, in its morning."""
    minute = engine.minute_of(timezone.now(), round_up=True)
    soon = engine.instant_of(-(-minute // QUARTER) * QUARTER)
    if str(day or soon.astimezone(form.zone).date()) == str(soon.astimezone(form.zone).date()):
        return soon
    return instant_said(f"{day}T{MORNING}", None, form.zone) or soon


def _first_free(
    actor: Actor, chosen: AppointmentType | None, calendar: Calendar, begin: datetime, zone: ZoneInfo
) -> datetime:
    """The first free time from `begin` on that is on its day; `begin` where there is none."""
    offers = next_free(actor, chosen, 1, since=engine.minute_of(begin), calendar_id=calendar.pk) if chosen else []
    found = engine.instant_of(offers[0].start) if offers else begin
    return found if found.astimezone(zone).date() == begin.astimezone(zone).date() else begin


def _patient(actor: Actor, text: Any) -> Patient | None:
    try:
        return get_patient(actor, parse_id(str(text))) if text else None
    except NotFound:
        return None


def dialog(actor: Actor, form: AppointmentForm) -> dict[str, Any]:
    """Everything around the form: when and where, who, the types, the rooms, the next free times."""
    draft = draft_of(actor, form)
    zone = form.zone
    starts, ends = draft.starts_at.astimezone(zone), draft.ends_at.astimezone(zone)
    return {
        "draft": draft,
        "start": on_the_wire(draft.starts_at, zone),
        "fold": "1" if starts.fold else "",
        "end": on_the_wire(draft.ends_at, zone) if (form.data or form.initial).get("end") else "",
        "day": date_format(starts, "SHORT_WEEKDAY_DATE_FORMAT"),
        "clock": f"{clock_of(starts, zone)}–{clock_of(ends, zone)}",
        "patient": picked(actor, draft.patient) if draft.patient else None,
        "types": _types(actor, draft),
        "rooms": _rooms(actor, draft),
        "by_type": _by_type(draft),
        "locations": AppointmentType.Location.choices,
        "times": _times(actor, draft),
    }


def _types(actor: Actor, draft: Draft) -> list[dict[str, Any]]:
    own = durations_in(actor, draft.calendar)
    return [
        {
            "id": one.pk,
            "name": one.name,
            "colour": one.colour,
            "minutes": own.get(one.pk, one.duration),
            "chosen": draft.type is not None and one.pk == draft.type.pk,
        }
        for one in types_in(actor, draft.calendar)
    ]


def _by_type(draft: Draft) -> str:
    """Where it takes place unless somebody says."""
    if draft.type is None:
        return ""
    location = takes_place(draft.type.location, Source.STAFF, "")
    return _("By the type: %(location)s") % {"location": AppointmentType.Location(location).label}


def _rooms(actor: Actor, draft: Draft) -> list[dict[str, Any]]:
    """The rooms with whether they are free then, the buffers included."""
    if draft.type is None:
        return []
    since, until = draft.starts_at - draft.type.before, draft.ends_at + draft.type.after
    return [
        {"id": str(one.room.pk), "name": one.room.name, "is_free": one.is_free, "allowed": one.allowed}
        for one in rooms_then(actor, draft.calendar, draft.type, since, until)
    ]


def _times(actor: Actor, draft: Draft) -> list[dict[str, Any]]:
    if draft.type is None:
        return []
    zone = practice_of(actor).zone
    today = timezone.now().astimezone(zone).date()
    buttons = []
    for offer, calendar in next_times(actor, draft.type, draft.calendar, draft.starts_at):
        instant = engine.instant_of(offer.start)
        local = instant.astimezone(zone)
        day = _("Today") if local.date() == today else date_format(local, "SHORT_WEEKDAY_DAY_FORMAT")
        buttons.append(
            {
                "value": f"{calendar.pk}~{on_the_wire(instant, zone)}~{local.fold}",
                "label": f"{day} {clock_of(instant, zone)}",
                "calendar": calendar.name,
                "chosen": calendar.pk == draft.calendar.pk and instant == draft.starts_at,
            }
        )
    return buttons


def picked(actor: Actor, patient: Patient) -> dict[str, Any]:
    """The chosen patient, with what tells them from others. That they are shown is logged (AUD-2)."""
    log_read(actor, patient.practice_id, "patients_patient", patient.pk, again_after=SAME_LIST)
    return hits(actor, [patient])[0]


def in_the_book(visit: Appointment, zone: ZoneInfo) -> str:
    """The address of an appointment's day, which opens its details there."""
    shown = {"day": f"{visit.starts_at.astimezone(zone):%Y-%m-%d}", "calendar": str(visit.calendar_id)}
    return f"{reverse('scheduling:book')}?{urlencode(shown)}#{visit.pk}"


def hits(actor: Actor, patients: list[Patient]) -> list[dict[str, Any]]:
    """Patients as a list of hits shows them: born when, by which phone, last and next appointment."""
    zone = practice_of(actor).zone
    today = timezone.now().astimezone(zone).date()
    visits = visits_of(actor, [one.pk for one in patients])
    prefetch_related_objects(patients, "contact_points")
    fields = fields_seen_of(actor, patients)
    found = []
    for one in patients:
        last, coming = visits[one.pk]
        points = [point for point in one.contact_points.all() if shown(point.kind, fields[one.pk])]
        phone = next((point.value for point in points if point.kind != "email"), "")
        email = next((point.value for point in points if point.kind == "email"), "")
        found.append(
            {
                "id": one.pk,
                "record_url": reverse("patients:record", args=[one.pk]),
                "name": one.full_name,
                "initials": initials(one.first_name, one.last_name),
                "colour": one.number % 8 + 1,
                "born": one.date_of_birth,
                "age": age_on(today, one.date_of_birth) if one.date_of_birth else None,
                "number": one.number if shown("number", fields[one.pk]) else None,
                "phone": phone,
                "email": email,
                "last": last.starts_at.astimezone(zone).date() if last else None,
                "last_words": f"{last.type.name}, {last.calendar.name}" if last else "",
                "coming": [
                    {
                        "url": in_the_book(visit, zone),
                        "when": date_format(visit.starts_at.astimezone(zone), "SHORT_WEEKDAY_DATE_FORMAT")
                        + f", {visit.starts_at.astimezone(zone):%H:%M}",
                        "what": f"{visit.type.name} · {visit.calendar.name}",
                    }
                    for visit in coming[:3]
                ],
            }
        )
    return found
