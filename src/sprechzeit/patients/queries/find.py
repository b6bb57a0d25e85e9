"""Finding patients."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.audit.queries import log_list, log_search
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients import matching, search
from sprechzeit.patients.asked import LONGEST
from sprechzeit.patients.models import Patient, Share
from sprechzeit.patients.policy import (
    patients_by_role,
    visible_patients,
)
from sprechzeit.patients.queries.shares import shares_of

PAGE = 50


MOST_COUNTED = 1_000  # hits are counted no further: to say how many more there are takes longer than to find them


MOST_ARCHIVED = 200


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
    ordered = wanted.filter(following(actor, after)).order_by("last_key", "first_key", "number")
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    count = wanted[: MOST_COUNTED + 1].count() if after or more else len(found)
    return PatientPage(found[:limit], count, found[limit - 1].number if more else None, {})


def following(actor: Actor, number: int | None) -> Q:
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


RECENT = 6


LOOKED_BACK = 60  # openings in the log: some are of the same record, or of one that is not seen any more


def patient_by_number(actor: Actor, number: int) -> Patient | None:
    """A record that the actor sees by their role; of a number that was given up, the one that was kept (PAT-4)."""
    seen = patients_by_role(actor)
    return seen.filter(number=number).first() or seen.filter(merged__number=number).first()


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
