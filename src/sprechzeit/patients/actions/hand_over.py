"""Records of a member who leaves (ACC-12)."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.patients.models import Patient


@action
def hand_over_patients(actor: Actor, from_id: UUID, to_id: UUID) -> int:
    """Whoever leaves leaves no record behind: theirs are another member's now (ACC-12). Returns how many."""
    require(actor.reach(Data.MASTER_DATA, Use.WRITE) is Reach.ALL, NotAllowed)
    return Patient.objects.filter(practice_id=actor.practice_id, created_by_id=from_id).update(created_by_id=to_id)
