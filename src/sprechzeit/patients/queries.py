"""Finding patients."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import history_about, log_read, log_search
from sprechzeit.patients import matching
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient
from sprechzeit.patients.policy import get_patient, visible_patients
from sprechzeit.practice.records import RecordInformation, record_information

RECORD = ("patients_patient", "patients_contactpoint")
LONGEST = 100  # letters of a search that are looked at
MOST_WORDS = 6  # of a name that comes first; each more is two statements more
LAST_LETTER = "\U0010ffff"
_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBER = re.compile(r"[0-9]{1,18}")
_PHONE = re.compile(r"\+?[0-9 ()/.-]{4,}")


def search_patients(actor: Actor, text: str, limit: int = 8) -> list[Patient]:
    """Visible patients by the begin of their names in either order, or by phone, e-mail, date of birth or number.

    Each search is logged once: that it was made, by a digest of what was asked, and how many it showed (AUD-2).
    """
    asked = text[:LONGEST].strip()
    if not asked:
        return []
    visible = visible_patients(actor).filter(archived_at=None)
    found: dict[UUID, Patient] = {}
    for way in _ways(actor, asked):
        for patient in visible.filter(way).order_by("last_key", "first_key", "number")[:limit]:
            found.setdefault(patient.pk, patient)
    patients = list(found.values())[:limit]
    log_search(actor, "patients_patient", matching.name_key(asked), [one.pk for one in patients])
    return patients


def _ways(actor: Actor, asked: str) -> Iterator[Q]:
    """Each way to read what was asked, as one condition that an index answers; the likeliest first."""
    if born := _as_date(asked):
        yield Q(date_of_birth=born)
        return
    if "@" in asked:
        yield _with_contact(actor, matching.email_key(asked))
        return
    if _NUMBER.fullmatch(asked):
        yield Q(number=int(asked))
    if _PHONE.fullmatch(asked):
        if key := matching.phone_key(asked):
            yield _with_contact(actor, key)
        return
    yield from _names(asked)


def _names(asked: str) -> Iterator[Q]:
    """'sommer', 'som, pau', 'paula som', 'von der heide anna': every cut into first and last name, in either order."""
    last, comma, first = (matching.name_key(part) for part in asked.partition(","))
    if comma:
        if last or first:
            yield (_begins("last_key", last) if last else Q()) & (_begins("first_key", first) if first else Q())
        return
    words = last.split(" ")
    yield _begins("last_key", last)
    yield _begins("first_key", last)
    for cut in range(1, min(len(words), MOST_WORDS)):
        one, other = " ".join(words[:cut]), " ".join(words[cut:])
        yield _begins("first_key", one) & _begins("last_key", other)
        yield _begins("last_key", one) & _begins("first_key", other)


def _begins(field: str, key: str) -> Q:
    """By comparison: `LIKE` is not leakproof, so under row security no index would serve it (architecture §3)."""
    return Q(**{f"{field}__gte": key, f"{field}__lt": key + LAST_LETTER})


def _with_contact(actor: Actor, key: str) -> Q:
    points: QuerySet[ContactPoint] = ContactPoint.objects.filter(
        practice_id__in=actor.practices, key__gte=key, key__lt=key + LAST_LETTER
    )
    return Q(pk__in=points.values("patient_id"))


def _as_date(asked: str) -> date | None:
    found = _DATE.fullmatch(asked)
    if not found:
        return None
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    if iso_year:
        day, month, year = iso_day, iso_month, iso_year
    whole = int(year)
    if len(year) == 2:
        whole += 2000 if whole <= timezone.now().year % 100 else 1900
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def email_of(actor: Actor, patient: Patient) -> str:
    """Where the patient is written to: their first e-mail address, or ''."""
    points = patient.contact_points.filter(practice_id__in=actor.practices, kind=ContactKind.EMAIL)
    return points.order_by("id").values_list("value", flat=True).first() or ""


def read_patient(actor: Actor, patient_id: UUID) -> Patient:
    """A record to be shown: visible to the actor, and its opening logged (AUD-2). Raises NotFound."""
    found = get_patient(actor, patient_id)
    log_read(actor, found.practice_id, "patients_patient", found.pk)
    return found


def information_on(actor: Actor, patient: Patient) -> RecordInformation:
    """Who made a patient's record and who changed it last, contact points included (AUD-4)."""
    return record_information(actor, history_about(actor, patient.practice_id, patient.pk, RECORD))
