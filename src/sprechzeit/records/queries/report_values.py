"""What a record and its practice give to the placeholders of a report, and whom a report can be sent to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.patients.models import Patient, RelatedPerson
from sprechzeit.patients.policy import visible_patients
from sprechzeit.patients.record_page import age_of
from sprechzeit.practice.models import Member
from sprechzeit.practice.queries import practice_of
from sprechzeit.records.models import Session
from sprechzeit.records.queries.sessions import list_sessions
from sprechzeit.records.report_text import Table, Values
from sprechzeit.records.report_words import day_of, length_of, table_of


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody a report can be sent to: the key of the choice, what it is called, and the lines of the address."""

    key: str
    label: str
    lines: tuple[str, ...]
    greeting: str


PATIENT, OTHER = "patient", "other"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the practice's clock, inclusive; None is open."""

    since: date | None = None
    until: date | None = None

    def has(self, day: date) -> bool:
        """Whether a day lies within."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def recipients_of(actor: Actor, patient: Patient) -> list[Recipient]:
    """The patient, and who stands for them or pays, as far as the actor sees them."""
    lines = _lines(_formal(patient), patient)
    found = [Recipient(PATIENT, f"{_('Patient')}: {_called(patient)}", lines, _greeting(patient))]
    for one in patient.related_people.order_by("kind"):
        label = one.get_kind_display()
        if person := _person(actor, one):
            lines = _lines(_formal(person), person)
            found.append(Recipient(one.kind, f"{label}: {_called(person)}", lines, _greeting(person)))
        elif one.name:
            greeting = _("Dear %(name)s") % {"name": one.name}
            found.append(Recipient(one.kind, f"{label}: {one.name}", _lines([one.name], one), greeting))
    return found


def values_of(
    actor: Actor, patient: Patient, practitioner: Member, greeting: str = "", period: Period | None = None
) -> Values:
    """What stands for each placeholder, in the language that is spoken. What the record does not say is ''.

    `greeting`: of whom it is sent to; '' for nobody that the record knows. `period`: of which sessions. That those are
    read is logged (AUD-2).
    """
    practice, born, age = practice_of(actor), patient.date_of_birth, age_of(actor, patient.date_of_birth)
    today = timezone.now().astimezone(practice.zone).date()
    guardian = patient.related_people.filter(kind=RelatedPerson.Kind.GUARDIAN).first()
    person = _person(actor, guardian) if guardian else None
    values: dict[str, str | Table] = {
        "greeting": greeting or _("Dear Sir or Madam"),
        "today": day_of(today),
        "salutation": patient.get_salutation_display(),
        "title": patient.title,
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "name": _called(patient),
        "date_of_birth": day_of(born) if born else "",
        "age": ngettext("%(count)s year", "%(count)s years", age) % {"count": age} if age is not None else "",
        "address": ", ".join(_place(patient)),
        "number": str(patient.number),
        "insurance": " · ".join(filter(None, (patient.insurer, patient.get_insurance_display()))),
        "insurance_number": patient.insurance_number,
        "guardian": _called(person) if person else guardian.name if guardian else "",
        "practitioner": practitioner.name,
        "practice": practice.name,
        "practice_address": ", ".join(
            one for one in (practice.street, f"{practice.postcode} {practice.town}".strip()) if one
        ),
        "practice_phone": practice.phone,
    }
    sessions = _within(list_sessions(actor, patient), period or Period(), practice.zone)
    return values | _sessions(sessions, practice.zone)


def _within(sessions: list[Session], period: Period, zone: ZoneInfo) -> list[Session]:
    """In order of time, without what was entered by mistake."""
    standing = (one for one in reversed(sessions) if not hasattr(one, "withdrawal"))
    return [one for one in standing if period.has(one.starts_at.astimezone(zone).date())]


def _sessions(sessions: list[Session], zone: ZoneInfo) -> dict[str, str | Table]:
    days = [day_of(one.starts_at.astimezone(zone).date()) for one in sessions]
    return table_of([(day, one.kind, length_of(one.duration_minutes)) for day, one in zip(days, sessions, strict=True)])


def _person(actor: Actor, related: RelatedPerson) -> Patient | None:
    """The record of a guardian or payer who has one that the actor sees."""
    return visible_patients(actor).filter(pk=related.person_id).first() if related.person_id else None


def _called(patient: Patient) -> str:
    return " ".join(filter(None, (patient.title, patient.first_name, patient.last_name)))


def _formal(patient: Patient) -> list[str]:
    """As an address begins."""
    return [one for one in (patient.get_salutation_display(), _called(patient)) if one]


def _greeting(patient: Patient) -> str:
    name = " ".join(filter(None, (patient.title, patient.last_name)))
    match patient.salutation:
        case Patient.Salutation.MS:
            return _("Dear Ms %(name)s") % {"name": name}
        case Patient.Salutation.MR:
            return _("Dear Mr %(name)s") % {"name": name}
        case _none:
            return _("Dear %(name)s") % {"name": _called(patient)}


def _place(of: Patient | RelatedPerson) -> Iterator[str]:
    yield from filter(None, (of.street, f"{of.postcode} {of.town}".strip(), of.country))


def _lines(named: list[str], of: Patient | RelatedPerson) -> tuple[str, ...]:
    return (*named, *_place(of))
