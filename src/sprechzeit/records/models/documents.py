"""Documents of a record: letters, findings, scans, pictures (DOC-3)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sprechzeit.patients.attached import Goes, OnMerge
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.records.models.sessions import Session


class MediaType(models.TextChoices):
    """What a document is, by what stands in it."""

    PDF = "application/pdf", _("PDF")
    JPEG = "image/jpeg", _("Picture (JPEG)")
    PNG = "image/png", _("Picture (PNG)")
    WEBP = "image/webp", _("Picture (WebP)")


class Document(PracticeModel):
    """A file of a patient's record. The row seals what it is called, and the key of the file, which has one of its own.

    The file lies in the data folder (`records/files.py`), sealed with that key and bound to this row's id. `added_by`:
    the actor, as the log names it. `preview`: whether there is a small picture of it.
    """

    PERSONAL_DATA = "What was sent in or scanned about a patient (title, remark and file are sealed)."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Goes(ngettext_lazy("%(count)s document", "%(count)s documents", "count"))
    }

    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="documents", db_index=False)
    session = PracticeForeignKey(Session, models.PROTECT, null=True, related_name="documents")
    title = PracticeSealedText()
    remark = PracticeSealedText()
    secret = PracticeSealedText()
    dated_on = models.DateField(_("Date"))
    media_type = models.CharField(_("Kind"), max_length=30, choices=MediaType)
    size_bytes = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    preview = models.BooleanField()
    added_by = models.CharField(max_length=60)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(media_type__in=MediaType.values), name="document_of_known_kind"),
            models.CheckConstraint(condition=Q(size_bytes__gte=1, pages__gte=1), name="document_has_content"),
        ]
        indexes = [models.Index("practice", "patient", name="document_by_patient")]

    @property
    def is_removed(self) -> bool:
        """Whether it was taken out of the record."""
        return hasattr(self, "removal")


class DocumentRemoval(PracticeModel):
    """A document that was taken out of the record, by whom and why. It is kept until its retention ends, and can be
    put back until then. Its id is the document's.
    """

    PERSONAL_DATA = "Who took a document out of the record, and why (sealed)."
    RETENTION = "record"

    document = PracticeOneToOne(Document, models.PROTECT, related_name="removal")
    reason = PracticeSealedText()
    removed_by = models.CharField(max_length=60)
    removed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=models.F("document_id")), name="removal_has_its_documents_id")
        ]
