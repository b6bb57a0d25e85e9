"""Master data of patients (PAT-1)."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText


def _text(label: Any, longest: int, choices: Any = None) -> "models.CharField[str, str]":
    """A text that may be empty, and is for records that are made without it."""
    return models.CharField(label, max_length=longest, choices=choices, blank=True, default="", db_default="")


class Patient(PracticeModel):
    """A patient record's master data.

    `first_key`, `last_key`: the names as matching compares them (PAT-10), made by `matching.name_key`: how the
    database folds 'ß' depends on its collation. Without a limit: folding makes three letters of some. `made_online`: by
    somebody's booking, with the contact points that they gave. What the practice writes freely, as an allergy, is
    health data: `remarks` and `warnings` (one a line) are sealed (PRI-1). `country`: '' is the practice's own.
    """

    PERSONAL_DATA = "Name, date of birth, gender, address, insurance; remarks and warnings, which may be about health."
    RETENTION = "record"

    class Salutation(models.TextChoices):
        MS = "ms", _("Ms")
        MR = "mr", _("Mr")

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        DIVERSE = "diverse", _("diverse")

    class Insurance(models.TextChoices):
        STATUTORY = "statutory", _("Statutory")
        PRIVATE = "private", _("Private")
        SELF_PAYER = "self_payer", _("Self-payer")

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
    salutation = _text(_("Salutation"), 10, Salutation.choices)
    title = _text(_("Title"), 40)
    birth_name = _text(_("Birth name"), 100)
    gender = _text(_("Gender"), 10, Gender.choices)
    street = _text(_("Street and number"), 120)
    postcode = _text(_("Postal code"), 12)
    town = _text(_("Town"), 80)
    country = _text(_("Country"), 60)
    insurance = _text(_("Insurance"), 12, Insurance.choices)
    insurer = _text(_("Insurer"), 100)
    insurance_number = _text(_("Insurance number"), 40)
    remarks = PracticeSealedText(_("Remarks"), null=True)
    warnings = PracticeSealedText(_("Warnings"), null=True)
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

    @property
    def warning_lines(self) -> list[str]:
        """Each warning."""
        return [line.strip() for line in (self.warnings or "").splitlines() if line.strip()]


class ContactKind(models.TextChoices):
    """What a contact point is."""

    EMAIL = "email", _("E-mail")
    MOBILE = "mobile", _("Mobile")
    PHONE = "phone", _("Phone")
    WORK = "work", _("Phone at work")


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


class SearchEntry(PracticeModel):
    """What a record is found by (PAT-2): derived, and kept by the database alone (`search.sql`).

    Its id is the record's. `first`, `last`: the names, folded, the last one without 'von der' before it. `lexemes`: all
    of it, read by `find_patients` of `crossing`, as no leakproof operator does.
    """

    PERSONAL_DATA = "Name, date of birth, e-mail address or phone number, again, as they are searched."
    RETENTION = "record"

    patient = PracticeOneToOne(Patient, models.CASCADE, related_name="search_entry")
    first = models.TextField(db_collation="C")
    last = models.TextField(db_collation="C")
    lexemes = SearchVectorField()

    class Meta:
        indexes = [
            models.Index("practice", "last", "first", name="search_entry_by_last"),
            models.Index("practice", "first", "last", name="search_entry_by_first"),
            # What waits in the list of a fast update is read through by every search.
            GinIndex(fields=["lexemes"], name="search_entry_by_lexeme", fastupdate=False),
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


class RelatedPerson(PracticeModel):
    """Who else a record names: its guardian, or who pays for the patient, where it is not the patient (PAT-1).

    `person`: their own record, where they have one; else what was typed of them.
    """

    PERSONAL_DATA = "Name, address, phone and e-mail of a guardian or payer."
    RETENTION = "record"

    class Kind(models.TextChoices):
        GUARDIAN = "guardian", _("Guardian")
        PAYER = "payer", _("Payer")

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="related_people")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    person = PracticeForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    name = _text(_("Name"), 200)
    street = _text(_("Street and number"), 120)
    postcode = _text(_("Postal code"), 12)
    town = _text(_("Town"), 80)
    country = _text(_("Country"), 60)
    phone = _text(_("Phone"), 40)
    email = _text(_("E-mail"), 254)

    class Meta:
        constraints = [
            models.UniqueConstraint("patient", "kind", name="related_person_once"),
            models.CheckConstraint(
                condition=(
                    Q(person=None) & ~Q(name="")
                    | Q(person__isnull=False, name="", street="", postcode="", town="", country="", phone="", email="")
                ),
                name="related_person_named",
            ),
            models.CheckConstraint(condition=~Q(person=F("patient")), name="related_person_is_another"),
        ]


class Tag(PracticeModel):
    """A word of the practice by which it tells records apart. `key`: the same word however it is written."""

    PERSONAL_DATA = "None by itself."
    RETENTION = "practice"

    name = models.CharField(_("Tag"), max_length=40)
    key = models.TextField(db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint("practice", "key", name="tag_once")]


class PatientTag(PracticeModel):
    """That a record has a tag."""

    PERSONAL_DATA = "A word about a patient."
    RETENTION = "record"

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="tags")
    tag = PracticeForeignKey(Tag, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("patient", "tag", name="patient_tag_once")]
