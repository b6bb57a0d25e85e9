"""Finding patients."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet, prefetch_related_objects

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.access.table import Role
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import history_about, log_list, log_read, log_search
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients import facts, matching, search
from sprechzeit.patients.asked import LONGEST
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient, Share
from sprechzeit.patients.policy import (
    fields_seen,
    get_patient,
    patients_by_role,
    visible_patients,
    visible_shares,
    visible_tags,
)
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.records import RecordInformation, record_information

RECORD = ("patients_patient", "patients_contactpoint", "patients_relatedperson", "patients_patienttag")
PAGE = 50
MOST_COUNTED = 1_000  # hits are counted no further: to say how many more there are takes longer than to find them
MOST_ARCHIVED = 200
LOOKED_THROUGH = 2_000  # records that are compared with a new one


def search_patients(actor: Actor, text: str, limit: int = 8) -> list[Patient]:
    """Visible patients by name, date of birth, phone, e-mail or number, the best first (PAT-2).

    Each search is logged once: that it was made, by a digest of what was asked, and how many it showed (AUD-2).
    """
    asked = _plain(text)
    if not asked:
        return []
    patients = search.find(actor, visible_patients, asked, limit).patients
    log_search(actor, "patients_patient", matching.name_key(asked), [one.pk for one in patients])
    return patients


def _plain(text: str) -> str:
    """What was typed, as far as it is looked at."""
    return text[:LONGEST].replace("\x00", " ").strip()


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


# --- The list of patients ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Records by name. `count`: of all that were asked for, no further than `MOST_COUNTED`; `later`: the number
    of the last one, if more follow it; `shares`: of each record that is shared with somebody, with whom; `like`:
    how many at the end are only called like what was asked for.
    """

    patients: list[Patient]
    count: int
    later: int | None
    shares: dict[UUID, list[Share]]
    like: int = 0


def list_patients(actor: Actor, text: str = "", after: int | None = None, limit: int = PAGE) -> PatientPage:
    """Visible records, a page at a time: all of them by name, or those that a search means, the best first.

    `after`: the number of the record after which the page begins; of none that is there: the first page. Logged
    once: a search with its digest, a list and a further page of a search as what they are (AUD-2).
    """
    asked = _plain(text)
    page = _searched(actor, asked, after, limit) if asked else _by_name(actor, after, limit)
    ids = [one.pk for one in page.patients]
    if asked and after is None:
        log_search(actor, "patients_patient", matching.name_key(asked), ids)
    else:
        log_list(actor, "patients_patient", f"patients {matching.name_key(asked)} {after}", ids)
    prefetch_related_objects(page.patients, "created_by")
    return replace(page, shares=shares_of(actor, ids))


def _searched(actor: Actor, asked: str, after: int | None, limit: int) -> PatientPage:
    """No further than `MOST_COUNTED`: who sees more hits than these types another letter."""
    found = search.find(actor, patients_by_role, asked, (limit if after is None else MOST_COUNTED) + 1)
    numbers = [one.number for one in found.patients]
    begin = numbers.index(after) + 1 if after in numbers else 0
    shown, rest = found.patients[begin : begin + limit], found.patients[begin + limit :]
    count = len(numbers)
    if after is None and rest:
        count = search.count(actor, patients_by_role, asked, MOST_COUNTED + 1)
    return PatientPage(shown, count, shown[-1].number if rest else None, {}, found.like)


def _by_name(actor: Actor, after: int | None, limit: int) -> PatientPage:
    wanted = patients_by_role(actor).filter(archived_at=None)
    ordered = wanted.filter(_following(actor, after)).order_by("last_key", "first_key", "number")
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    count = wanted[: MOST_COUNTED + 1].count() if after or more else len(found)
    return PatientPage(found[:limit], count, found[limit - 1].number if more else None, {})


def _following(actor: Actor, number: int | None) -> Q:
    """What comes after a record in the order of names. The first condition is the one that an index takes."""
    place = None
    if number is not None:
        place = patients_by_role(actor).filter(number=number).values_list("last_key", "first_key", "number").first()
    if place is None:
        return Q()
    last, first, own = place
    later = Q(last_key__gt=last) | Q(first_key__gt=first) | Q(first_key=first, number__gt=own)
    return Q(last_key__gte=last) & later


def chosen_patients(actor: Actor, patient_ids: Collection[UUID]) -> list[Patient]:
    """Records that somebody chose in the list, by name; that they are shown again is logged. Raises NotFound."""
    wanted = set(patient_ids)
    chosen = patients_by_role(actor).filter(pk__in=wanted).order_by("last_key", "first_key", "number")
    found = list(chosen)
    require(len(found) == len(wanted), NotFound)
    log_list(actor, "patients_patient", f"chosen {sorted(wanted)}", [one.pk for one in found])
    return found


def shares_of(actor: Actor, patient_ids: Collection[UUID]) -> dict[UUID, list[Share]]:
    """With whom each of these records is shared: everyone first, then who still works in the practice."""
    found: dict[UUID, list[Share]] = defaultdict(list)
    given = visible_shares(actor).filter(Q(member=None) | Q(member__left_at=None), patient_id__in=list(patient_ids))
    for share in given.select_related("member").order_by("member__account_number"):
        found[share.patient_id].insert(0 if share.member_id is None else len(found[share.patient_id]), share)
    return dict(found)


def receivers(actor: Actor) -> QuerySet[Member]:
    """With whom the actor may share: everybody else who works in the practice and is not suspended (ACC-4)."""
    return visible_members(actor).filter(suspended_at=None).exclude(pk=actor.identity).order_by("account_number")


# --- A record's master data -------------------------------------------------------------------------------------------

RECENT = 6
LOOKED_BACK = 60  # openings in the log: some are of the same record, or of one that is not seen any more
KINDS_IN_ORDER = (ContactKind.MOBILE, ContactKind.PHONE, ContactKind.WORK, ContactKind.EMAIL)


def facts_of(actor: Actor, patient: Patient) -> Facts:
    """All master data of a record that the actor sees whole; a guardian or payer whom they do not see is hidden."""
    found: Facts = {name: getattr(patient, name) or "" for name in facts.PLAIN}
    born = patient.date_of_birth
    points = sorted(contacts_of(actor, patient), key=lambda one: (KINDS_IN_ORDER.index(ContactKind(one.kind)), one.id))
    return found | {
        facts.DATE_OF_BIRTH: born.isoformat() if born else "",
        facts.CONTACTS: [[one.kind, one.value] for one in points],
        facts.TAGS: sorted(patient.tags.values_list("tag__name", flat=True), key=str.casefold),
        **_related(actor, patient),
    }


def contacts_of(actor: Actor, patient: Patient) -> list[ContactPoint]:
    """The contact points of a visible record, those alone that the actor sees."""
    fields = fields_seen(actor, patient)
    points = patient.contact_points.filter(practice_id__in=actor.practices).order_by("id")
    return [one for one in points if shown(one.kind, fields)]


def _related(actor: Actor, patient: Patient) -> Facts:
    found: Facts = {kind: {} for kind in facts.RELATED}
    for one in patient.related_people.all():
        if one.person_id is None:
            found[one.kind] = {name: getattr(one, name) for name in facts.TYPED if getattr(one, name)}
        else:
            person = patients_by_role(actor).filter(pk=one.person_id).first()
            found[one.kind] = {facts.NUMBER: person.number} if person else {facts.HIDDEN: True}
    return found


def patient_by_number(actor: Actor, number: int) -> Patient | None:
    """A record that the actor sees by their role."""
    return patients_by_role(actor).filter(number=number).first()


def owners(actor: Actor) -> QuerySet[Member]:
    """To whom a record may belong: who works in the practice and sees no more than their own, or all (ACC-3)."""
    return visible_members(actor).exclude(role=Role.SECRETARY).order_by("account_number")


def tag_names(actor: Actor) -> list[str]:
    """The practice's words for records, for who types one."""
    return sorted(visible_tags(actor).values_list("name", flat=True), key=str.casefold)


def recent_patients(actor: Actor, limit: int = RECENT) -> list[Patient]:
    """Records that the actor opened last, by the log; what they do not see any more is not there. Logged as a list."""
    read = Entry.objects.filter(practice_id__in=actor.practices, actor=actor.name)
    read = read.filter(table_name="patients_patient", operation="read").order_by("-at", "-id")
    ids = list(dict.fromkeys(read.values_list("row_id", flat=True)[:LOOKED_BACK]))
    seen = {one.pk: one for one in visible_patients(actor).filter(pk__in=ids, archived_at=None)} if ids else {}
    found = [seen[one] for one in ids if one in seen][:limit]
    log_list(actor, "patients_patient", "recent", [one.pk for one in found])
    return found


def archived_patients(actor: Actor, limit: int = MOST_ARCHIVED) -> list[Patient]:
    """Archived records by name; they are in no other list, and in no search. It is a list (AUD-2)."""
    gone = patients_by_role(actor).exclude(archived_at=None).select_related("created_by")
    found = list(gone.order_by("last_key", "first_key", "number")[:limit])
    log_list(actor, "patients_patient", "archived", [one.pk for one in found])
    return found


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
    found = [Alike(one, why) for one in seen[:LOOKED_THROUGH] if (why := likeness(new, _person(one)))]
    found.sort(key=lambda one: len(one.why.different) - len(one.why.same))
    if found:
        log_list(actor, "patients_patient", f"alike {last} {first}", [one.patient.pk for one in found[:limit]])
    return found[:limit]


def _person(patient: Patient) -> Person:
    keys = frozenset(point.key for point in patient.contact_points.all())
    return Person(patient.first_key, patient.last_key, patient.date_of_birth, keys)
