"""Who a booking means, and what a booking partner is answered about that (PAT-10…14, PAT-21, PAT-22)."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_handed_out
from sprechzeit.core.plans import planned
from sprechzeit.core.rows import Part, fetch
from sprechzeit.patients import matching
from sprechzeit.patients.identity import Identity
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Partner, Reading
from sprechzeit.practice.policy import partner_reading

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

    Of a stranger, of who is archived or said no, and of whom several records could mean the same is asked of the
    database, and the same answered (PAT-14). Raises `NotAllowed` for who is no partner and for one that the practice
    does not let match, `NotFound` for one that may do nothing.
    """
    partner = partner_reading(actor, Reading.MATCH)
    found = matched(actor, partner, identity)
    if found is None:
        return None
    log_handed_out(actor, actor.practice_id, Patient._meta.db_table, {found.pk: [ID]})
    return found.pk
