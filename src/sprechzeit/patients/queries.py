"""Finding patients."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.access.table import Role
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import history_about, log_list, log_read, log_search
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients import facts, matching
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.likeness import Likeness, Person, likeness, mistyped
from sprechzeit.patients.models import ContactKind, ContactPoint, Patient, Share
from sprechzeit.patients.policy import (
    fields_seen,
    get_patient,
    patients_by_role,
    seen_whole,
    visible_patients,
    visible_shares,
    visible_tags,
)
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.records import RecordInformation, record_information

RECORD = ("patients_patient", "patients_contactpoint", "patients_relatedperson", "patients_patienttag")
LONGEST = 100  # letters of a search that are looked at
MOST_WORDS = 6  # of a name that comes first; each more is two statements more
PAGE = 50
MOST_COUNTED = 1_000  # hits are counted no further: to say how many more there are takes longer than to find them
MOST_ARCHIVED = 200
LOOKED_THROUGH = 2_000
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
        yield Q(number=int(asked)) & seen_whole(actor)
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


# --- The list of patients ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatientPage:
    """Records by name. `count`: of all that were asked for, no further than `MOST_COUNTED`; `later`: the number
    of the last one, if more follow it; `shares`: of each record that is shared with somebody, with whom.
    """

    patients: Sequence[Patient]
    count: int
    later: int | None
    shares: dict[UUID, list[Share]]


def list_patients(actor: Actor, text: str = "", after: int | None = None, limit: int = PAGE) -> PatientPage:
    """Visible records by name, all of them or those that a search means, a page at a time by keyset.

    `after`: the number of the record after which the page begins; of none that is there: the first page. Logged
    once: a search with its digest, a list and a further page of a search as what they are (AUD-2).
    """
    asked = text[:LONGEST].strip()
    wanted = patients_by_role(actor).filter(archived_at=None)
    if asked:
        wanted = wanted.filter(reduce(or_, _ways(actor, asked), Q(pk=None)))
    ordered = (
        wanted.filter(_following(actor, after)).select_related("created_by").order_by("last_key", "first_key", "number")
    )
    found = list(ordered[: limit + 1])
    shown = found[:limit]
    ids = [one.pk for one in shown]
    if asked and after is None:
        log_search(actor, "patients_patient", matching.name_key(asked), ids)
    else:
        log_list(actor, "patients_patient", f"patients {matching.name_key(asked)} {after}", ids)
    return PatientPage(
        patients=shown,
        count=wanted[: MOST_COUNTED + 1].count() if after or len(found) > limit else len(found),
        later=shown[-1].number if len(found) > limit else None,
        shares=shares_of(actor, ids),
    )


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
