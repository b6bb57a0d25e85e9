"""Reading the lines of a file of patients, step by step (PAT-5)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.import_lines import Twins, check_part
from sprechzeit.patients.models import ImportPart, PatientImport
from sprechzeit.patients.policy import visible_imports


@action
def begin_check(actor: Actor, import_id: UUID) -> bool:
    """Read all lines from the beginning, if they are not read yet: a worker that was killed remembers nothing."""
    source = _locked(actor, import_id)
    if source.checked_at or source.started_at or source.cancelled_at:
        return False
    ImportPart.objects.filter(practice_id=source.practice_id, source=source).update(checked_at=None)
    return True


@action
def check_next(actor: Actor, import_id: UUID, twins: Twins) -> bool:
    """Read the next lines; whether there are more."""
    source = _locked(actor, import_id)
    if source.checked_at or source.started_at or source.cancelled_at:
        return False
    parts = ImportPart.objects.filter(practice_id=source.practice_id, source=source)
    part = parts.exclude(checked_at__gte=source.mapped_at).order_by("number").first()
    if part is not None:
        check_part(source, part, twins.of(source))
        return True
    source.checked_at = timezone.now()
    source.save(update_fields=["checked_at"])
    return False


def _locked(actor: Actor, import_id: UUID) -> PatientImport:
    source = visible_imports(actor).filter(pk=import_id).select_for_update().first()
    if source is None:
        raise NotFound
    return source
