"""Files of patients from other programs (PAT-5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeSealedText


class PatientImport(PracticeModel):
    """A file with patients that somebody brought, and what became of it; the records made of it name it.

    Each step has its moment: its columns were chosen (`mapped_at`), all lines read (`checked_at`), entering begun and
    ended, or called off; taking back what was entered asked and done. `head`: what its table is like, as JSON; gone
    with the file. `choices`: how its columns and its lines are to be taken. `removed`: records that were taken back.
    """

    PERSONAL_DATA = "Titles and first lines of a file of patients (sealed); who brought it."
    RETENTION = "record"

    file_name = models.CharField(_("File"), max_length=200)
    is_cards = models.BooleanField(default=False)
    head = PracticeSealedText(null=True)
    line_count = models.PositiveIntegerField()
    choices = models.JSONField(default=dict)
    brought_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    brought_at = models.DateTimeField(db_default=Now())
    mapped_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("Entered"), null=True)
    cancelled_at = models.DateTimeField(_("Cancelled"), null=True)
    taking_back_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(_("Taken back"), null=True)
    entered = models.PositiveIntegerField(_("Records entered"), default=0)
    left_out = models.PositiveIntegerField(_("Lines left out"), default=0)
    removed = models.PositiveIntegerField(_("Records taken back"), default=0)

    class Meta:
        indexes = [models.Index("practice", "brought_at", name="patient_import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(checked_at__isnull=False), name="patient_import_checked_first"
            )
        ]


class ImportPart(PracticeModel):
    """Some lines of the file of an import: as they stood there, and as they were understood. Deleted after a day.

    `bad`, `alike`: how many of them cannot be entered, and may be of somebody who is there. Once entered (`done_at`)
    what is kept of the lines are those that were left out.
    """

    PERSONAL_DATA = "Lines of a file of patients (sealed)."
    RETENTION = "day"

    source = PracticeForeignKey(PatientImport, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    lines = PracticeSealedText(null=True)
    understood = PracticeSealedText(null=True)
    line_count = models.PositiveIntegerField()
    bad = models.PositiveIntegerField(default=0)
    alike = models.PositiveIntegerField(default=0)
    entered = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("source", "number", name="import_part_once")]
