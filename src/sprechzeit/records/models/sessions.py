"""Treatments that took place (DOC-1)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from sprechzeit.patients.attached import Goes, OnMerge
from sprechzeit.patients.models import Patient
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne
from sprechzeit.scheduling.models import Appointment

LONGEST_MINUTES = 1440


MOST_CENTS = 999_999_999


class Session(PracticeModel):
    """A treatment that took place (DOC-1). What was written about it is a `Note`, which this row knows nothing of."""

    PERSONAL_DATA = "Who was treated when, by whom, how long, at what price."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {
        "patient": Goes(ngettext_lazy("%(count)s session", "%(count)s sessions", "count"))
    }

    patient = PracticeForeignKey(Patient, models.PROTECT, related_name="sessions")
    practitioner = PracticeForeignKey(Member, models.PROTECT, related_name="+")
    appointment = PracticeOneToOne(Appointment, models.PROTECT, null=True, related_name="session")
    starts_at = models.DateTimeField(_("Begin"))
    duration_minutes = models.PositiveIntegerField(_("Length"))
    kind = models.CharField(_("Kind of treatment"), max_length=100, blank=True)
    price_cents = models.PositiveIntegerField(_("Price"), null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_minutes__range=(1, LONGEST_MINUTES)), name="session_within_a_day"
            ),
            models.CheckConstraint(condition=Q(price_cents__lte=MOST_CENTS), name="session_price_in_reason"),
        ]
        indexes = [models.Index("practice", "patient", "starts_at", name="session_by_patient")]


class SessionWithdrawal(PracticeModel):
    """That a session was entered by mistake. It counts no more; it stays readable, with what was written about it.

    `appointment`: of which it was; that one may have another session now.
    """

    PERSONAL_DATA = "Who withdrew a session, and when."
    RETENTION = "record"

    session = PracticeOneToOne(Session, models.PROTECT, related_name="withdrawal")
    appointment = PracticeForeignKey(Appointment, models.PROTECT, null=True, related_name="+")
    withdrawn_by = models.CharField(max_length=60)
    withdrawn_at = models.DateTimeField(db_default=Now())
