"""The list of patients that a booking partner is handed (OTV-5, PAT-21, PAT-22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import HANDED, shown
from sprechzeit.audit.queries import log_handed_out
from sprechzeit.core.moments import settled
from sprechzeit.core.rows import fetch
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.models import Reading
from sprechzeit.practice.policy import partner_reading

MOST_HANDED = 500  # patients at once
ID = "id"

# Who said yes last, and is not archived: read along the index of consents, from where the page before ended.
_LISTED = """
SELECT said.patient_id, greatest(said.recorded_at, change.changed_at)
  FROM patients_consent said
  JOIN patients_patient patient
    ON patient.practice_id = said.practice_id AND patient.id = said.patient_id AND patient.archived_at IS NULL
  LEFT JOIN patients_handedchange change
    ON change.practice_id = said.practice_id AND change.patient_id = said.patient_id
 WHERE said.practice_id = %(practice)s AND said.partner_id = %(partner)s AND said.value = 'yes'
   AND said.patient_id > %(after)s
   AND said.number = (SELECT max(last.number) FROM patients_consent last
                       WHERE last.practice_id = %(practice)s AND last.patient_id = said.patient_id
                         AND last.partner_id = %(partner)s)
   AND (%(changed)s::timestamptz IS NULL OR greatest(said.recorded_at, change.changed_at) >= %(changed)s)
 ORDER BY said.patient_id LIMIT %(limit)s
"""
# Of whom it was told, by the log, who said yes and does so no more, or was archived since. When that began is told by
# the first that came of the two: what else is written of them is nothing to the partner.
_GONE = """
SELECT patient.id
  FROM (SELECT said.patient_id FROM patients_consent said
         WHERE said.practice_id = %(practice)s AND said.partner_id = %(partner)s AND said.recorded_at >= %(changed)s
         UNION
        SELECT change.patient_id FROM patients_handedchange change
         WHERE change.practice_id = %(practice)s AND change.changed_at >= %(changed)s) touched
  JOIN patients_patient patient ON patient.practice_id = %(practice)s AND patient.id = touched.patient_id
  JOIN LATERAL (SELECT max(said.number) AS number FROM patients_consent said
                 WHERE said.practice_id = patient.practice_id AND said.patient_id = patient.id
                   AND said.partner_id = %(partner)s AND said.value = 'yes') yes ON yes.number IS NOT NULL
  LEFT JOIN patients_handedchange change
    ON change.practice_id = patient.practice_id AND change.patient_id = patient.id
  LEFT JOIN patients_consent since
    ON since.practice_id = patient.practice_id AND since.patient_id = patient.id
   AND since.partner_id = %(partner)s AND since.number = yes.number + 1
 WHERE patient.id > %(after)s
   AND (patient.archived_at IS NOT NULL OR since.id IS NOT NULL)
   AND least(since.recorded_at, CASE WHEN patient.archived_at IS NOT NULL THEN change.changed_at END) >= %(changed)s
   AND EXISTS (SELECT FROM audit_entry entry
                WHERE entry.practice_id = patient.practice_id AND entry.subject_id = patient.id
                  AND entry.operation = 'handed_out' AND entry.actor = %(actor)s)
 ORDER BY patient.id LIMIT %(limit)s
"""
_BEGIN = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Handed:
    """A patient as a partner is told: no more than this (OTV-5). `contacts`: kind and value of each. `changed_at`: when
    one of these, or what they said to the partner, last changed.
    """

    id: UUID
    first_name: str
    last_name: str
    date_of_birth: date | None
    contacts: Sequence[tuple[str, str]]
    changed_at: datetime

    def fields(self) -> list[str]:
        """The names of what is told of them."""
        plain = {name for name in ("first_name", "last_name", "date_of_birth") if getattr(self, name)}
        return [ID, *sorted(plain | {kind for kind, _value in self.contacts})]


@dataclass(frozen=True, slots=True)
class HandedPage:
    """A page of the list. `gone`: who was handed out once and is no more; only their ids, and not why. `after`: the
    last id of this page, if there are more. `as_of`: whoever asks next for what changed since then misses nothing.
    """

    patients: Sequence[Handed]
    as_of: datetime
    gone: Sequence[UUID] = field(default_factory=list)
    after: UUID | None = None


def patients_for_list(
    actor: Actor, after: UUID | None = None, limit: int = MOST_HANDED, *, changed_since: datetime | None = None
) -> HandedPage:
    """Active patients who said yes to the partner that asks, by id (PAT-21). `after`: the last id of the page before.

    With `changed_since` only whom the partner must read anew since then, and of whom it has to let go. Each field that
    is handed out is in the log before it leaves (PAT-22). Raises as `match_patient`.
    """
    partner_reading(actor, Reading.PATIENTS)
    limit = max(1, min(limit, MOST_HANDED))
    as_of = settled()
    asked = {
        "practice": actor.practice_id,
        "partner": actor.identity,
        "actor": actor.name,
        "after": after or _BEGIN,
        "changed": changed_since,
        "limit": limit + 1,
    }
    changed_at: dict[UUID, datetime] = dict(fetch(_LISTED, asked))
    gone: list[UUID] = [one for (one,) in fetch(_GONE, asked)] if changed_since is not None else []
    ids = sorted([*gone, *changed_at])
    last = ids[limit - 1] if len(ids) > limit else None
    told = _told(actor, {one: at for one, at in changed_at.items() if last is None or one <= last})
    gone = [one for one in gone if last is None or one <= last]
    fields = {one.id: one.fields() for one in told} | {one: [ID] for one in gone}
    log_handed_out(actor, actor.practice_id, Patient._meta.db_table, fields)
    return HandedPage(told, as_of, gone, last)


def _told(actor: Actor, changed_at: Mapping[UUID, datetime]) -> list[Handed]:
    """Whom the policy lets the partner see, of these; what became of one a moment ago counts."""
    seen = visible_patients(actor).filter(pk__in=changed_at).order_by("pk").prefetch_related("contact_points")
    return [_handed(one, changed_at[one.pk]) for one in seen]


def _handed(patient: Patient, changed_at: datetime) -> Handed:
    points = sorted((one.kind, one.value) for one in patient.contact_points.all() if shown(one.kind, HANDED))
    return Handed(patient.pk, patient.first_name, patient.last_name, patient.date_of_birth, points, changed_at)
