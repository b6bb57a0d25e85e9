"""Opening records to others (ACC-4, ACC-5)."""

from collections.abc import Collection
from itertools import product
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.locks import lock
from sprechzeit.patients.events import PatientsShared
from sprechzeit.patients.models import Share
from sprechzeit.patients.policy import may_share, patients_by_role
from sprechzeit.patients.queries import receivers


@action
def share_patients(actor: Actor, patient_ids: Collection[UUID], member_ids: Collection[UUID] | None) -> int:
    """Open records to members; `None` is everyone, those who join later too. What is shared already stays so, and what
    belongs to a member needs no share for them. Returns how many records somebody may see now who might not before.

    Raises `NotAllowed`, and `NotFound` where one of the records or members is none that the actor sees as a
    member of the practice.
    """
    require(may_share(actor), NotAllowed)
    belongs_to = dict(patients_by_role(actor).filter(pk__in=set(patient_ids)).values_list("pk", "created_by_id"))
    require(len(belongs_to) == len(set(patient_ids)), NotFound)
    members: set[UUID | None] = {None}
    if member_ids is not None:
        members = set(member_ids)
        require(receivers(actor).filter(pk__in=set(member_ids)).count() == len(members), NotFound)
    # One after another: so each of two who share the same at once knows what they added.
    lock(f"shares:{actor.practice_id}")
    given = Share.objects.filter(practice_id=actor.practice_id, patient_id__in=belongs_to)
    there = set(given.values_list("patient_id", "member_id"))
    wanted = [
        (patient, member)
        for patient, member in product(belongs_to, members)
        if (patient, member) not in there and (member is None or member != belongs_to[patient])
    ]
    Share.objects.bulk_create(
        Share(practice_id=actor.practice_id, patient_id=patient, member_id=member, shared_by_id=actor.identity)
        for patient, member in wanted
    )
    if wanted:
        publish(PatientsShared(actor.practice_id))
    return len({patient for patient, _member in wanted})
