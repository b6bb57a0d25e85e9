"""The texts that a report is begun with: those that the program brings along, and the practice's own."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.records.models import ReportTemplate
from sprechzeit.records.policy import visible_report_templates
from sprechzeit.records.report_starts import Start, delivered

EMPTY = "empty"


def starts(actor: Actor) -> list[Start]:
    """The practice's own templates that are in use, by name; what the program brings along; an empty page."""
    own = visible_report_templates(actor).filter(retired_at=None).order_by("name")
    return [*(Start(str(one.pk), one.name, one.body) for one in own), *delivered(), Start(EMPTY, _("Empty"), "")]


def report_templates_in_order(actor: Actor) -> QuerySet[ReportTemplate]:
    """All that the actor sees, retired ones too."""
    return visible_report_templates(actor).select_related("created_by").order_by("name")
