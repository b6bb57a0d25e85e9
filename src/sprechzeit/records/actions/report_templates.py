"""The practice's own templates of reports."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.constraints import refused_by
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.errors import NameTaken
from sprechzeit.records.errors import UnknownPlaceholder
from sprechzeit.records.models import ReportTemplate
from sprechzeit.records.policy import get_report_template, may_add_templates, may_change_template
from sprechzeit.records.report_text import unknown_placeholders

NAME_ONCE = "report_template_name_once"


@action
def add_report_template(
    actor: Actor, template_id: UUID, name: str, body: str, *, for_everyone: bool = False
) -> ReportTemplate:
    """A template more. Raises `NotAllowed`, `NameTaken`, `UnknownPlaceholder` with their `names`."""
    require(may_add_templates(actor), NotAllowed)
    _all_known(body)
    with refused_by(NAME_ONCE, NameTaken):
        return ReportTemplate.objects.create(
            id=template_id,
            practice_id=actor.practice_id,
            name=name,
            body=body,
            created_by_id=actor.identity,
            opened_at=timezone.now() if for_everyone else None,
        )


@action
def change_report_template(
    actor: Actor, template_id: UUID, name: str, body: str, *, for_everyone: bool = False
) -> ReportTemplate:
    """Change it for what is written from now on. What was opened to everyone stays open (ACC-5).

    Raises `NotFound`, `NotAllowed`, `NameTaken`, `UnknownPlaceholder`.
    """
    template = get_report_template(actor, template_id)
    require(may_change_template(actor, template), NotAllowed)
    _all_known(body)
    template.name, template.body = name, body
    if for_everyone and template.opened_at is None:
        template.opened_at = timezone.now()
    with refused_by(NAME_ONCE, NameTaken):
        template.save(update_fields=["name", "body", "opened_at"])
    return template


@action
def retire_report_template(actor: Actor, template_id: UUID, *, retired: bool) -> ReportTemplate:
    """Offer it no more, or again. Reports that were written by it stay. Raises `NotFound`, `NotAllowed`."""
    template = get_report_template(actor, template_id)
    require(may_change_template(actor, template), NotAllowed)
    template.retired_at = timezone.now() if retired else None
    template.save(update_fields=["retired_at"])
    return template


def _all_known(body: str) -> None:
    if unknown := unknown_placeholders(body):
        raise UnknownPlaceholder(names=unknown)
