"""Who might be somebody that is there already."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.patients import facts, matching
from sprechzeit.patients.comparing import person_of
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient
from sprechzeit.patients.policy import (
    patients_by_role,
)

LOOKED_THROUGH = 2_000  # records that are compared with a new one


@dataclass(frozen=True, slots=True)
class Alike:
    """A record that may be of the same person, and why."""

    patient: Patient
    why: Likeness


def likely_duplicates(actor: Actor, wanted: Facts, limit: int = 5) -> list[Alike]:
    """Visible records, archived ones too, that may be of whom a new record is to be made (PAT-14)."""
    keys = {
        matching.email_key(value) if kind == ContactKind.EMAIL else matching.phone_key(value)
        for kind, value in wanted[facts.CONTACTS]
    }
    born = date.fromisoformat(wanted[facts.DATE_OF_BIRTH]) if wanted[facts.DATE_OF_BIRTH] else None
    first, last = (matching.name_key(wanted[name]) for name in ("first_name", "last_name"))
    new = Person(first, last, born, frozenset(keys))
    points = ContactPoint.objects.filter(practice_id__in=actor.practices, key__in=keys)
    ways = Q(last_key=last) | Q(last_key=first, first_key=last) | Q(pk__in=points.values("patient_id"))
    if born:
        ways |= Q(date_of_birth__in={born} | mistyped(born))
    seen = patients_by_role(actor).filter(ways).prefetch_related("contact_points").order_by("-created_at", "-pk")
    found = [Alike(one, why) for one in seen[:LOOKED_THROUGH] if (why := likeness(new, person_of(one)))]
    found.sort(key=lambda one: -one.why.weight)
    if found:
        log_list(actor, "patients_patient", f"alike {last} {first}", [one.patient.pk for one in found[:limit]])
    return found[:limit]
