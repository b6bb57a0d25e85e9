"""Master data of patients (PAT-1, the part that booking needs)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel


class Patient(PracticeModel):
    """A patient record's master data.

    `first_key`, `last_key`: the names as matching compares them (PAT-10), made by `matching.name_key`: how the
    database folds 'ß' depends on its collation. Without a limit: folding makes three letters of some. `made_online`: by
    somebody's booking, with the contact points that they gave.
    """

    PERSONAL_DATA = "Name, date of birth."
    RETENTION = "record"

    number = models.BigIntegerField(
        _("Number"),
        db_default=models.Func(
            models.Value("patients_number"), function="nextval", output_field=models.BigIntegerField()
        ),
    )
    first_name = models.CharField(_("First name"), max_length=100)
    last_name = models.CharField(_("Last name"), max_length=100)
    date_of_birth = models.DateField(_("Date of birth"), null=True)
    first_key = models.TextField(db_collation="C")
    last_key = models.TextField(db_collation="C")
    language = models.CharField(_("Language"), max_length=2, blank=True)
    created_by = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    made_online = models.BooleanField(default=False, db_default=False)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "number", name="patient_number_once")]
        indexes = [
            models.Index("practice", "date_of_birth", "last_key", "first_key", name="patient_by_identity"),
            models.Index("practice", "last_key", "first_key", name="patient_by_name"),
            models.Index("practice", "first_key", name="patient_by_first_name"),
        ]

    @property
    def full_name(self) -> str:
        """'Last, First', as lists show it."""
        return f"{self.last_name}, {self.first_name}"


class ContactKind(models.TextChoices):
    """What a contact point is."""

    EMAIL = "email", _("E-mail")
    MOBILE = "mobile", _("Mobile")
    PHONE = "phone", _("Phone")


class ContactPoint(PracticeModel):
    """A phone, mobile or e-mail address of a patient. `key`: how matching compares it."""

    PERSONAL_DATA = "E-mail address or phone number."
    RETENTION = "record"

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="contact_points")
    kind = models.CharField(_("Kind"), max_length=10, choices=ContactKind.choices)
    value = models.CharField(_("Value"), max_length=254)
    key = models.TextField(db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint("patient", "kind", "key", name="contact_point_once")]
        indexes = [models.Index("practice", "key", name="contact_point_by_key")]


class ContactProposal(PracticeModel):
    """A contact point that a booking gave and the record did not have; the practice decides (PAT-11).

    `former_value`: what it was put in place of, where it was.
    """

    PERSONAL_DATA = "E-mail address or phone number."
    RETENTION = "record"

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


class Share(PracticeModel):
    """A record opened to a member, or, without one, to everybody who works in the practice now or later (ACC-4).

    It is never taken back (ACC-5): the program's database role may add rows and read them, nothing else.
    """

    PERSONAL_DATA = "Who may see a patient's record."
    RETENTION = "record"

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="shares")
    member = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    shared_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shared_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "patient", "member", nulls_distinct=False, name="share_once"),
        ]
        indexes = [models.Index("practice", "member", "patient", name="share_by_member")]
