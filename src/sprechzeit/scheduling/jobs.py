"""What follows for the appointment book from what happens elsewhere."""

from uuid import UUID

from sprechzeit.access.actor import system
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.scheduling.actions.settings import announce_books


@job(subject="practice_id")
def refresh_books(attempts: int, *, practice_id: str) -> None:
    """The name of a room stands in many columns: open books fetch all of theirs anew (CAL-14)."""
    actor = system(UUID(practice_id))
    run_as(actor, lambda: announce_books(actor))
