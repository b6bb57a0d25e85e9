"""What patients said to their data going to a booking partner (PAT-20)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.attached import OnMerge, Stays
from sprechzeit.patients.models.master_data import Patient
from sprechzeit.practice.models import (
    Partner,
    PracticeForeignKey,
    PracticeModel,
    PracticeOneToOne,
    PracticeSealedText,
)


class Consent(PracticeModel):
    """What a patient said to one partner, once. The last one counts; without any it is open.

    They follow one another from 1, by `number`; the program's database role may add rows and read them, and the
    database lets none be left out (consents.sql). `given_on`: the day on which the patient said it; `note`: what
    proves it, as a form's number, in the practice's words.
    """

    PERSONAL_DATA = "What a patient said to their data being handed out, when, and what proves it."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Stays("what was said stays as it was; what is stronger is said again (PAT-20)")
    }

    class Choice(models.TextChoices):
        OPEN = "open", _("Open")
        YES = "yes", _("Yes")
        NO = "no", _("No")

    class How(models.TextChoices):
        IN_WRITING = "in_writing", _("In writing")
        ORALLY = "orally", _("Orally")
        PORTAL = "portal", _("By the portal")

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="consents", db_index=False)
    partner = PracticeForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    value = models.CharField(_("Consent"), max_length=4, choices=Choice.choices)
    how = models.CharField(_("How it was given"), max_length=10, choices=How.choices)
    given_on = models.DateField(_("Given on"))
    note = PracticeSealedText(_("Proof"), null=True)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "patient", "partner", "number", name="consent_next"),
            models.CheckConstraint(condition=Q(value__in=["open", "yes", "no"]), name="consent_value"),
            models.CheckConstraint(condition=Q(how__in=["in_writing", "orally", "portal"]), name="consent_how"),
        ]
        indexes = [models.Index("practice", "partner", "patient", name="consent_by_partner")]


class HandedChange(PracticeModel):
    """When what booking partners are handed of a record last changed: names, date of birth, contact points, and whether
    it is archived (OTV-5). Only of records with a consent: before it nothing of them goes anywhere.

    Derived, and kept by the database alone (`handed.sql`), on its clock. Its id is the record's. Of an archived record
    it says when that was archived: what is changed of it then is handed to nobody.
    """

    PERSONAL_DATA = "None: a moment."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Stays("The database keeps each record's by itself.")}

    patient = PracticeOneToOne(Patient, models.CASCADE, related_name="handed_change")
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("practice", "changed_at", name="handed_change_by_moment")]
