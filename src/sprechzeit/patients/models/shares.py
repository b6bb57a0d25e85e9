"""Records opened to colleagues (ACC-5)."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from sprechzeit.patients.attached import OnMerge, Stays
from sprechzeit.patients.models.master_data import Patient
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel


class Share(PracticeModel):
    """A record opened to a member, or, without one, to everybody who works in the practice now or later (ACC-4).

    It is never taken back (ACC-5): the program's database role may add rows and read them, nothing else.
    """

    PERSONAL_DATA = "Who may see a patient's record."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Stays("A share is never taken back: whoever has one gets one of the other record too (ACC-5).")
    }

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="shares")
    member = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    shared_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shared_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "patient", "member", nulls_distinct=False, name="share_once"),
        ]
        indexes = [models.Index("practice", "member", "patient", name="share_by_member")]
