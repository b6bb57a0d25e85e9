"""Two records side by side, what became of those that were merged, and which may be one person's (PAT-4, PAT-14)."""

from dataclasses import dataclass

from django.db.models import Q

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.audit.queries import log_list
from sprechzeit.patients.attached import Goes
from sprechzeit.patients.models import Merge, Patient, PossibleDuplicate, Share
from sprechzeit.patients.moving import count, relations
from sprechzeit.patients.policy import visible_merges, visible_pairs
from sprechzeit.practice.models import Member
from sprechzeit.practice.policy import visible_members

MOST_PAIRS = 50
MOST_PAIRS_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Pairs:
    """Possible duplicates, the likeliest first. `count`: of all that are open, no further than `MOST_PAIRS_COUNTED`."""

    pairs: list[PossibleDuplicate]
    count: int


def open_pairs(actor: Actor, *, dismissed: bool = False) -> Pairs:
    """What is to be decided, or what was decided last. It is a list (AUD-2)."""
    found = visible_pairs(actor).filter(dismissed_at__isnull=not dismissed).select_related("patient", "other")
    ordered = found.order_by("-dismissed_at") if dismissed else found.order_by("-weight", "-found_at")
    shown = list(ordered[:MOST_PAIRS])
    log_list(
        actor,
        "patients_patient",
        f"duplicates {dismissed}",
        sorted({i for p in shown for i in (p.patient_id, p.other_id)}),
    )
    return Pairs(shown, 0 if dismissed else count_pairs(actor))


def count_pairs(actor: Actor) -> int:
    """How many are to be decided, counted no further than `MOST_PAIRS_COUNTED`."""
    return len(visible_pairs(actor).filter(dismissed_at=None).values_list("pk")[:MOST_PAIRS_COUNTED])


def pair_of(actor: Actor, one: Patient, other: Patient) -> PossibleDuplicate | None:
    """That these two may be one person, where it is not decided yet."""
    pairs = visible_pairs(actor).filter(dismissed_at=None)
    return pairs.filter(Q(patient=one, other=other) | Q(patient=other, other=one)).first()


def pairs_with(actor: Actor, patient: Patient) -> list[PossibleDuplicate]:
    """Who else this record may be, the likeliest first."""
    pairs = visible_pairs(actor).filter(Q(patient=patient) | Q(other=patient), dismissed_at=None)
    return list(pairs.select_related("patient", "other").order_by("-weight", "-found_at")[:MOST_PAIRS])


def merges_of(actor: Actor, patient: Patient) -> list[Merge]:
    """What was merged into this record and could be undone, the last one first."""
    merges = visible_merges(actor).filter(patient=patient, undone_at=None)
    return list(merges.select_related("given_up").order_by("-merged_at", "-pk"))


def attached_to(actor: Actor, patient: Patient) -> list[str]:
    """What hangs on a visible record, in words: '9 appointments'."""
    counted = [one for one in relations() if isinstance(one.how, Goes) and one.how.counted]
    numbers = [(one.how.counted, count(one, patient.practice_id, patient.pk)) for one in counted]  # type: ignore[union-attr]  # by the line before
    return [str(words % {"count": number}) for words, number in numbers if number]


def sees_afterwards(actor: Actor, *patients: Patient) -> tuple[bool, list[Member]]:
    """Whether everybody sees the one record, and who does of those who do not see all records anyway."""
    given = Share.objects.filter(practice_id__in=actor.practices, patient__in=patients)
    ids = {one for one in given.values_list("member_id", flat=True) if one} | {
        one.created_by_id for one in patients if one.created_by_id
    }
    members = visible_members(actor).filter(pk__in=ids, role=Role.PRACTITIONER).order_by("account_number")
    return given.filter(member=None).exists(), list(members)
