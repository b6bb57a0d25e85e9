"""Letters made from a template and a record (DOC-4)."""

import base64
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sprechzeit.patients.attached import Goes, OnMerge
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText

MOST_BODY = 20_000


class ReportTemplate(PracticeModel):
    """A text with placeholders, in Markdown. It belongs to who made it; once open to everyone it stays so.

    `opened_at`: since when everybody of the practice writes by it (ACC-4, ACC-5).
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    name = models.CharField(_("Name"), max_length=100)
    body = models.TextField(_("Text"), max_length=MOST_BODY)
    created_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "name", name="report_template_name_once")]


class Report(PracticeModel):
    """A letter about a patient, in the name of who treats. It is a draft until it is filed; from then on it stays.

    `content`: title, recipient and text (report_text.py). `language`: what it is written in, for who reads it aloud.
    `corrects`: the filed report that this one takes the place of. `revision` counts what was kept of the draft, and
    `pad` is the open page that kept it last: another page that does not know that revision writes nothing over.
    """

    PERSONAL_DATA = "What was written about a patient, and to whom (sealed)."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Goes(ngettext_lazy("%(count)s report", "%(count)s reports", "count"))
    }

    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="reports")
    practitioner = PracticeForeignKey(Member, models.PROTECT, related_name="+")
    corrects = PracticeForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    content = PracticeSealedText()
    language = models.CharField(max_length=2)
    revision = models.PositiveIntegerField(default=1)
    pad = models.UUIDField()
    begun_by = models.CharField(max_length=60)
    begun_at = models.DateTimeField(db_default=Now())
    kept_by = models.CharField(max_length=60)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(corrects=F("id")), name="report_corrects_another")]


class FiledReport(PracticeModel):
    """That a report is finished: who filed it, when, and the PDF that was made of it. Its id is the report's.

    Never changed, but sealed anew when the practice's key is replaced. `sealed_pdf`: in base 64.
    """

    PERSONAL_DATA = "The letter as it was sent (sealed)."
    RETENTION = "record"

    report = PracticeOneToOne(Report, models.PROTECT, related_name="filed")
    sealed_pdf = PracticeSealedText()
    filed_by = models.CharField(max_length=60)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=F("report_id")), name="filed_report_has_its_id")]

    @property
    def pdf(self) -> bytes:
        """The file."""
        return base64.b64decode(self.sealed_pdf)

    @pdf.setter
    def pdf(self, file: bytes) -> None:
        self.sealed_pdf = base64.b64encode(file).decode()
