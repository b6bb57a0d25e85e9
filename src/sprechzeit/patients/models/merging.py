"""Two records that are one person's: merged, or perhaps (PAT-4, PAT-14)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sprechzeit.patients.attached import OnMerge, Stays
from sprechzeit.patients.models.master_data import Patient
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText

_HISTORY = Stays("It tells which record was merged into which.")


class Merge(PracticeModel):
    """That a record was given up for another one, `patient`, which has all that hung on it since (PAT-4).

    `before`: what undoing it needs, as JSON (`actions/merge.py`); sealed, as remarks and warnings are in it, and gone
    once it is undone.
    """

    PERSONAL_DATA = "Master data of two records as they were before, remarks and warnings among them (sealed)."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": _HISTORY, "given_up": _HISTORY}

    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="merges")
    given_up = PracticeForeignKey(Patient, models.PROTECT, related_name="+")
    before = PracticeSealedText(null=True)
    merged_by = models.CharField(max_length=60)
    merged_at = models.DateTimeField(db_default=Now())
    undone_by = models.CharField(max_length=60, blank=True, default="", db_default="")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("given_up", name="merge_once", condition=Q(undone_at=None)),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by="", before__isnull=False)
                | (Q(undone_at__isnull=False, before=None) & ~Q(undone_by="")),
                name="merge_undone",
            ),
        ]


class PossibleDuplicate(PracticeModel):
    """Two records that may be of one person (PAT-14), the older one first. Found by a job; people decide.

    `same`, `different`: signs of `likeness.py`; `weight`: the more, the likelier. `dismissed_at`: since when it is
    known that they are two persons; the row stays, so that nobody is asked again.
    """

    PERSONAL_DATA = "That two records look like one person's."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Stays("With a record that is no more, a pair is shown to nobody; undone, it is one again."),
        "other": Stays("As the older one's."),
    }

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="+", db_index=False)
    other = PracticeForeignKey(Patient, models.CASCADE, related_name="+")
    same = ArrayField(models.CharField(max_length=20))
    different = ArrayField(models.CharField(max_length=20))
    weight = models.SmallIntegerField()
    found_at = models.DateTimeField(db_default=Now())
    dismissed_by = models.CharField(max_length=60, blank=True, default="", db_default="")
    dismissed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("patient", "other", name="possible_duplicate_once"),
            models.CheckConstraint(condition=~Q(patient=F("other")), name="possible_duplicate_of_another"),
            models.CheckConstraint(
                condition=Q(dismissed_at=None, dismissed_by="") | (Q(dismissed_at__isnull=False) & ~Q(dismissed_by="")),
                name="possible_duplicate_dismissed",
            ),
        ]
        indexes = [
            models.Index(
                "practice",
                F("weight").desc(),
                F("found_at").desc(),
                name="possible_duplicate_open",
                condition=Q(dismissed_at=None),
            ),
        ]


class ToCompare(PracticeModel):
    """That a record is new or changed and waits to be compared with the others. Its id is the record's; kept by the
    database (`merges.sql`).
    """

    PERSONAL_DATA = "That a record changed."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Stays("The job finds that it is no more, and lets it go.")}

    patient = PracticeOneToOne(Patient, models.CASCADE, related_name="+")
