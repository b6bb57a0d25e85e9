"""The practice's own templates of notes."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.errors import NameTaken
from sprechzeit.records.models import NoteTemplate
from sprechzeit.records.policy import get_template, may_add_templates, may_change_template

NAME_ONCE = "note_template_name_once"


@action
def add_template(
    actor: Actor, template_id: UUID, name: str, fields: Sequence[str], *, for_everyone: bool = False
) -> NoteTemplate:
    """A template more. Raises `NotAllowed`, `NameTaken`."""
    require(may_add_templates(actor), NotAllowed)
    with refused_by(NAME_ONCE, NameTaken):
        return NoteTemplate.objects.create(
            id=template_id,
            practice_id=actor.practice_id,
            name=name,
            fields=list(fields),
            created_by_id=actor.identity,
            opened_at=timezone.now() if for_everyone else None,
        )


@action
def change_template(
    actor: Actor, template_id: UUID, name: str, fields: Sequence[str], *, for_everyone: bool = False
) -> NoteTemplate:
    """Change it for what is written from now on. What was opened to everyone stays open (ACC-5).

    Raises `NotFound`, `NotAllowed`, `NameTaken`.
    """
    template = get_template(actor, template_id)
    require(may_change_template(actor, template), NotAllowed)
    template.name, template.fields = name, list(fields)
    if for_everyone and template.opened_at is None:
        template.opened_at = timezone.now()
    with refused_by(NAME_ONCE, NameTaken):
        template.save(update_fields=["name", "fields", "opened_at"])
    return template


@action
def retire_template(actor: Actor, template_id: UUID, *, retired: bool) -> NoteTemplate:
    """Offer it no more, or again. Notes that were written by it stay as they are. Raises `NotFound`, `NotAllowed`."""
    template = get_template(actor, template_id)
    require(may_change_template(actor, template), NotAllowed)
    template.retired_at = timezone.now() if retired else None
    template.save(update_fields=["retired_at"])
    return template
