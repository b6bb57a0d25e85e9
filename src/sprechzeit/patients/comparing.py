"""Which records of a practice may be one person's: candidates by the database's indexes, judged by `likeness` (PAT-14).

However many records there are, one is compared with those alone that have a name, a date of birth or a contact point
in common with it, and with no more than `MOST` of each.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sprechzeit.core.rows import fetch
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped
from sprechzeit.patients.models import Patient

MOST = 200
# In a lateral part of its own each: so every one of them takes the index that is made for it.
_NEAR = """
WITH new AS (
    SELECT * FROM unnest(%(of)s::int[], %(firsts)s::text[], %(lasts)s::text[], %(born)s::date[])
               AS new (n, first_key, last_key, date_of_birth)
), slip AS (
    SELECT * FROM unnest(%(slips)s::int[], %(days)s::date[], %(names)s::text[]) AS slip (n, day, last_key)
), own AS (
    SELECT * FROM unnest(%(whose)s::int[], %(keys)s::text[]) AS own (n, key)
)
SELECT new.n, near.id FROM new, LATERAL (
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.last_key = new.last_key AND p.first_key = new.first_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.last_key = new.first_key AND p.first_key = new.last_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.date_of_birth = new.date_of_birth LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE p.practice_id = %(practice)s AND p.date_of_birth IS NULL AND p.last_key = new.last_key LIMIT %(most)s)
    UNION ALL
    (SELECT p.id FROM patients_patient p
      WHERE new.date_of_birth IS NULL AND p.practice_id = %(practice)s AND p.last_key = new.last_key LIMIT %(most)s)
) AS near (id)
UNION
SELECT slip.n, near.id FROM slip, LATERAL (
    SELECT p.id FROM patients_patient p
     WHERE p.practice_id = %(practice)s AND p.date_of_birth = slip.day AND p.last_key = slip.last_key
     LIMIT %(most)s) AS near
UNION
SELECT own.n, near.patient_id FROM own, LATERAL (
    SELECT point.patient_id FROM patients_contactpoint point
     WHERE point.practice_id = %(practice)s AND point.key = own.key
     LIMIT %(most)s) AS near
"""
_PERSONS = """
SELECT p.id, p.first_key, p.last_key, p.date_of_birth,
       ARRAY(SELECT point.key FROM patients_contactpoint point WHERE point.patient_id = p.id)
  FROM patients_patient p
 WHERE p.practice_id = %s AND p.id = ANY (%s::uuid[]) AND (%s OR p.archived_at IS NULL)
   AND (%s::uuid IS NULL OR p.imported_by_id IS DISTINCT FROM %s::uuid)
"""


def pairs_of(practice_id: UUID, ids: Collection[UUID]) -> Mapping[tuple[UUID, UUID], Likeness]:
    """Who may be who, of active records, at least one of each pair among `ids`; the older one first. Three statements.

    An id says when a record was made: of two the lesser is the older one's.
    """
    new = persons(practice_id, ids)
    keys = list(new)
    near = {(keys[place], other) for place, other in _near(practice_id, list(new.values())) if other != keys[place]}
    near = {(min(pair), max(pair)) for pair in near}
    everybody = persons(practice_id, {one for pair in near for one in pair})
    found = {}
    for one, other in near:
        if one in everybody and other in everybody and (why := likeness(everybody[one], everybody[other])):
            found[one, other] = why
    return found


def records_like(
    practice_id: UUID, people: Sequence[Person], *, but_imported_by: UUID | None = None
) -> list[dict[UUID, Likeness]]:
    """Of each of these people the records that may be theirs, archived ones too; those of one import may be left out.
    Two statements, however many people.
    """
    near = _near(practice_id, people)
    there = persons(practice_id, {one for _place, one in near}, archived=True, but_imported_by=but_imported_by)
    found: list[dict[UUID, Likeness]] = [{} for _one in people]
    for place, one in near:
        if one in there and (why := likeness(people[place], there[one])):
            found[place][one] = why
    return found


def persons(
    practice_id: UUID, ids: Collection[UUID], *, archived: bool = False, but_imported_by: UUID | None = None
) -> dict[UUID, Person]:
    """What of active records, or of `archived` ones too, is compared."""
    rows = fetch(_PERSONS, [practice_id, list(ids), archived, but_imported_by, but_imported_by])
    return {row_id: Person(first, last, born, frozenset(keys)) for row_id, first, last, born, keys in rows}


def person_of(patient: Patient) -> Person:
    """What of this record is compared."""
    keys = frozenset(point.key for point in patient.contact_points.all())
    return Person(patient.first_key, patient.last_key, patient.date_of_birth, keys)


def _near(practice_id: UUID, people: Sequence[Person]) -> set[tuple[int, UUID]]:
    """Records to compare each of these people with, by their place; themselves too, where they are records."""
    slips = [(place, day, one.last_key) for place, one in enumerate(people) for day in mistyped(one.born_on)]
    own = [(place, key) for place, one in enumerate(people) for key in one.contact_keys if key]
    facts = {
        "practice": practice_id, "most": MOST, "of": list(range(len(people))),
        "firsts": [one.first_key for one in people], "lasts": [one.last_key for one in people],
        "born": [one.born_on for one in people],
        "slips": [place for place, _day, _name in slips], "days": [day for _place, day, _name in slips],
        "names": [name for _place, _day, name in slips],
        "whose": [place for place, _key in own], "keys": [key for _place, key in own],
    }  # fmt: skip
    return {(place, key) for place, key in fetch(_NEAR, facts)}
