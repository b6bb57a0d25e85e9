"""The shapes that notes are written in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.records.content import FREE, SOAP
from sprechzeit.records.models import NoteTemplate
from sprechzeit.records.policy import (
    visible_templates,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A template to choose: its key, its name, and the fields."""

    key: str
    name: str
    fields: Sequence[str]


def shapes(actor: Actor) -> list[Shape]:
    """Free text, SOAP, and the practice's own templates that are in use, by name."""
    own = visible_templates(actor).filter(retired_at=None).order_by("name")
    return [
        Shape(FREE, _("Free text"), [_("Documentation")]),
        Shape(SOAP, "SOAP", [_("Subjective"), _("Objective"), _("Assessment"), _("Plan of treatment")]),
        *(Shape(str(one.pk), one.name, one.fields) for one in own),
    ]


def templates_in_order(actor: Actor) -> QuerySet[NoteTemplate]:
    """All that the actor sees, retired ones too."""
    return visible_templates(actor).select_related("created_by").order_by("name")
