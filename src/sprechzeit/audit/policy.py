"""Who reads the log. Decided here and nowhere else."""

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Role
from sprechzeit.audit.models import Entry


def may_read_log(actor: Actor) -> bool:
    """The whole log of the practice: administrators. What was done to a thing stands with the thing (AUD-4)."""
    return actor.reach(Data.LOG) is Reach.ALL


def visible_entries(actor: Actor) -> QuerySet[Entry]:
    """The practice's log, for who reads all of it."""
    entries = Entry.objects.filter(practice_id__in=actor.practices)
    return entries if may_read_log(actor) else entries.none()


def may_erase_values(actor: Actor) -> bool:
    """Nobody writes the log; only the program itself erases values, where law asks for it (PRI-3, PRI-20)."""
    return actor.role is Role.SYSTEM
