"""Which records of a practice may be one person's: candidates by the database's indexes, judged by `likeness` (PAT-14).

However many records there are, one is compared with those alone that have a name, a date of birth or a contact point
in common with it, and with no more than `MOST` of each.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from sprechzeit.core.rows import fetch
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped

MOST = 200
# In a lateral part of its own each: so every one of them takes the index that is made for it.
_NEAR = """
WITH slip AS (SELECT * FROM unnest(%(of)s::uuid[], %(days)s::date[]) AS slip (id, day))
SELECT new.id, near.id FROM patients_patient new, LATERAL (
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.last_key = new.last_key AND p.first_key = new.first_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.last_key = new.first_key AND p.first_key = new.last_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.date_of_birth = new.date_of_birth LIMIT %(most)s)
    UNION ALL
    (SELECT mistyped.id FROM slip, LATERAL (
        SELECT p.id FROM patients_patient p
         WHERE p.practice_id = %(practice)s AND p.date_of_birth = slip.day AND p.last_key = new.last_key
         LIMIT %(most)s) AS mistyped
      WHERE slip.id = new.id)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.date_of_birth IS NULL AND p.last_key = new.last_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE new.date_of_birth IS NULL AND p.practice_id = %(practice)s AND p.last_key = new.last_key LIMIT %(most)s)
    UNION ALL
    (SELECT other.patient_id FROM patients_contactpoint own, patients_contactpoint other
      WHERE own.patient_id = new.id AND own.key <> '' AND other.practice_id = %(practice)s AND other.key = own.key
      LIMIT %(most)s)
) AS near (id)
 WHERE new.practice_id = %(practice)s AND new.id = ANY (%(ids)s::uuid[])
   AND new.archived_at IS NULL AND near.id <> new.id
"""
_PERSONS = """
SELECT p.id, p.first_key, p.last_key, p.date_of_birth,
       ARRAY(SELECT point.key FROM patients_contactpoint point WHERE point.patient_id = p.id)
  FROM patients_patient p WHERE p.practice_id = %s AND p.archived_at IS NULL AND p.id = ANY (%s::uuid[])
"""


def pairs_of(practice_id: UUID, ids: Collection[UUID]) -> Mapping[tuple[UUID, UUID], Likeness]:
    """Who may be who, of active records, at least one of each pair among `ids`; the older one first. Three statements.

    An id says when a record was made: of two the lesser is the older one's.
    """
    new = persons(practice_id, ids)
    slips = [(one, day) for one, person in new.items() for day in mistyped(person.born_on)]
    facts = {
        "practice": practice_id, "ids": list(ids), "most": MOST,
        "of": [one for one, _day in slips], "days": [day for _one, day in slips],
    }  # fmt: skip
    near = {(min(pair), max(pair)) for pair in fetch(_NEAR, facts)}
    everybody = persons(practice_id, {one for pair in near for one in pair})
    found = {}
    for one, other in near:
        if one in everybody and other in everybody and (why := likeness(everybody[one], everybody[other])):
            found[one, other] = why
    return found


def persons(practice_id: UUID, ids: Collection[UUID]) -> dict[UUID, Person]:
    """What of active records is compared."""
    rows = fetch(_PERSONS, [practice_id, list(ids)])
    return {row_id: Person(first, last, born, frozenset(keys)) for row_id, first, last, born, keys in rows}
