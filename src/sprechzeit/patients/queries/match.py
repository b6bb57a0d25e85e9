"""What a booking partner is answered about patients, and who a booking means (PAT-10…14, PAT-21, PAT-22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import HANDED, shown
from sprechzeit.audit.queries import log_handed_out
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, fetch
from sprechzeit.patients import matching
from sprechzeit.patients.identity import Identity
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.models import Partner
from sprechzeit.practice.policy import partner_of

MOST_HANDED = 500  # patients at once
ID = "id"

_PATIENT = Part(Patient, "patient.")
# Who said no is left out here, with the others: to whoever asks, they and a stranger are alike (PAT-14).
_SAME_PERSON = f"""
    SELECT {_PATIENT.columns},
           ARRAY(SELECT point.key FROM patients_contactpoint point
                  WHERE point.practice_id = patient.practice_id AND point.patient_id = patient.id)
      FROM patients_patient patient
     WHERE patient.practice_id = %(practice)s AND patient.date_of_birth = %(born)s
       AND patient.last_key = %(last)s AND patient.first_key = %(first)s AND patient.archived_at IS NULL
       AND coalesce((SELECT consent.value FROM patients_consent consent
                      WHERE consent.practice_id = patient.practice_id AND consent.patient_id = patient.id
                        AND consent.partner_id = %(partner)s ORDER BY consent.number DESC LIMIT 1), 'open') <> 'no'
"""  # noqa: S608 – names of columns


@dataclass(frozen=True, slots=True)
class Handed:
    """A patient as a partner is told: no more than this (OTV-5). `contacts`: kind and value of each."""

    id: UUID
    first_name: str
    last_name: str
    date_of_birth: date | None
    contacts: Sequence[tuple[str, str]]

    def fields(self) -> list[str]:
        """The names of what is told of them."""
        plain = {name for name in ("first_name", "last_name", "date_of_birth") if getattr(self, name)}
        return [ID, *sorted(plain | {kind for kind, _value in self.contacts})]


def matched(actor: Actor, partner: Partner | None, identity: Identity) -> Patient | None:
    """The record that a booking belongs to: active, with these names and date of birth (PAT-10), and who did not say
    no to `partner`, if it is one's booking (PAT-21). None: nobody, or several whom no contact point tells apart.

    Never for the answer to somebody from outside: that is `match_patient`.
    """
    facts = {
        "practice": actor.practice_id,
        "born": identity.date_of_birth,
        "last": matching.name_key(identity.last_name),
        "first": matching.name_key(identity.first_name),
        "partner": partner.pk if partner else None,
    }
    known, candidates = {}, []
    for row in fetch(*planned(_SAME_PERSON, facts)):
        values = iter(row)
        patient = _PATIENT.take(values)
        known[patient.pk] = patient
        candidates.append(matching.Candidate(patient.pk, frozenset(next(values))))
    found = matching.decide(candidates, [key for _kind, _value, key in identity.contacts()])
    return known[found] if found else None


def match_patient(actor: Actor, identity: Identity) -> UUID | None:
    """The id of whom a partner means, or None, and nothing else (OTV-5). That it was handed out is in the log.

    Raises `NotAllowed` for who is no partner, `NotFound` for one that may do nothing.
    """
    partner = partner_of(actor)
    require(partner is not None, NotAllowed)
    found = matched(actor, partner, identity)
    if found is None:
        return None
    log_handed_out(actor, actor.practice_id, Patient._meta.db_table, {found.pk: [ID]})
    return found.pk


def patients_for_list(actor: Actor, after: UUID | None = None, limit: int = MOST_HANDED) -> list[Handed]:
    """Active patients who said yes to the partner that asks, by id (PAT-21). `after`: the last id of the page before.

    Each field that is handed out is in the log before it leaves (PAT-22). Raises as `match_patient`.
    """
    require(partner_of(actor) is not None, NotAllowed)
    wanted = visible_patients(actor).order_by("pk").prefetch_related("contact_points")
    if after is not None:
        wanted = wanted.filter(pk__gt=after)
    found = [_handed(one) for one in wanted[: min(limit, MOST_HANDED)]]
    log_handed_out(actor, actor.practice_id, Patient._meta.db_table, {one.id: one.fields() for one in found})
    return found


def _handed(patient: Patient) -> Handed:
    points = sorted((one.kind, one.value) for one in patient.contact_points.all() if shown(one.kind, HANDED))
    return Handed(patient.pk, patient.first_name, patient.last_name, patient.date_of_birth, points)
