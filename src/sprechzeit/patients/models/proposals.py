"""Contact points that came with a booking and wait for the practice (PAT-11)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.attached import Fact, OnMerge
from sprechzeit.patients.models.master_data import ContactKind, Patient
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel


class ContactProposal(PracticeModel):
    """A contact point that a booking gave and the record did not have; the practice decides (PAT-11).

    `former_value`: what it was put in place of, where it was.
    """

    PERSONAL_DATA = "E-mail address or phone number."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Fact(_("Proposed contact"))}

    class Decision(models.TextChoices):
        ADDED = "added", _("Added")
        REPLACED = "replaced", _("Replaced")
        KNOWN = "known", _("Known already")
        DECLINED = "declined", _("Declined")

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="contact_proposals")
    kind = models.CharField(_("Kind"), max_length=10, choices=ContactKind.choices)
    value = models.CharField(_("Value"), max_length=254)
    key = models.TextField()
    proposed_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=10, blank=True, choices=Decision.choices)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True)
    former_value = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("patient", "kind", "key", name="contact_proposal_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decision="", decided_by="")
                | (Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(decided_by="")),
                name="contact_proposal_decided",
            ),
        ]
        indexes = [
            models.Index("practice", "proposed_at", name="contact_proposal_open", condition=Q(decided_at=None)),
        ]
