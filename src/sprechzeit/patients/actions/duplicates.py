"""Possible duplicates: found after every change, and decided by people (PAT-14)."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.patients.comparing import pairs_of
from sprechzeit.patients.models import PossibleDuplicate, ToCompare
from sprechzeit.patients.policy import visible_pairs

AT_ONCE = 200  # records


@action
def compare_records(actor: Actor, most: int = AT_ONCE) -> int:
    """Compare records that are new or changed with the others of the practice; how many it was. Raises `NotAllowed`.

    A pair that somebody dismissed stays so; one that looks like one person no more is gone.
    """
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL, NotAllowed)
    waiting = ToCompare.objects.select_for_update(skip_locked=True).filter(practice_id=actor.practice_id)
    ids = list(waiting.values_list("patient_id", flat=True)[:most])
    # Before they are read: what changes now waits, and is compared once more.
    ToCompare.objects.filter(practice_id=actor.practice_id, patient_id__in=ids).delete()
    found = pairs_of(actor.practice_id, ids) if ids else {}
    of_these = PossibleDuplicate.objects.filter(Q(patient__in=ids) | Q(other__in=ids), practice_id=actor.practice_id)
    there = {(one.patient_id, one.other_id): one for one in of_these}
    gone = [one.pk for pair, one in there.items() if pair not in found and one.dismissed_at is None]
    PossibleDuplicate.objects.filter(practice_id=actor.practice_id, pk__in=gone).delete()
    new = []
    for pair, why in found.items():
        signs = {"same": [*map(str, why.same)], "different": [*map(str, why.different)], "weight": why.weight}
        known = there.get(pair)
        if known is None:
            new.append(PossibleDuplicate(practice_id=actor.practice_id, patient_id=pair[0], other_id=pair[1], **signs))
        elif any(getattr(known, name) != value for name, value in signs.items()):
            PossibleDuplicate.objects.filter(practice_id=actor.practice_id, pk=known.pk).update(**signs)
    PossibleDuplicate.objects.bulk_create(new, ignore_conflicts=True)
    return len(ids)


@action
def dismiss_pair(actor: Actor, pair_id: UUID) -> PossibleDuplicate:
    """They are two persons, for good and for the whole practice. Raises `NotFound`."""
    return _decide(actor, pair_id, dismissed=True)


@action
def reopen_pair(actor: Actor, pair_id: UUID) -> PossibleDuplicate:
    """Perhaps they are one all the same. Raises `NotFound`."""
    return _decide(actor, pair_id, dismissed=False)


def _decide(actor: Actor, pair_id: UUID, *, dismissed: bool) -> PossibleDuplicate:
    pair = visible_pairs(actor).select_for_update(of=("self",)).filter(pk=pair_id).first()
    if pair is None:
        raise NotFound
    if dismissed is (pair.dismissed_at is None):
        pair.dismissed_at = timezone.now() if dismissed else None
        pair.dismissed_by = actor.name if dismissed else ""
        pair.save(update_fields=["dismissed_at", "dismissed_by"])
    return pair
