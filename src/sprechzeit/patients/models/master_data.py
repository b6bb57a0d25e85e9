"""Master data of patients (PAT-1)."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.patients.attached import Fact, Goes, OnMerge
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeSealedText


def _text(label: Any, longest: int, choices: Any = None) -> "models.CharField[str, str]":
    """A text that may be empty, and is for records that are made without it."""
    return models.CharField(label, max_length=longest, choices=choices, blank=True, default="", db_default="")


class Patient(PracticeModel):
    """A patient record's master data.

    `first_key`, `last_key`: the names as matching compares them (PAT-10), made by `matching.name_key`: how the
    database folds 'ß' depends on its collation. Without a limit: folding makes three letters of some. `made_online`: by
    somebody's booking, with the contact points that they gave. What the practice writes freely, as an allergy, is
    health data: `remarks` and `warnings` (one a line) are sealed (PRI-1). `country`: '' is the practice's own.
    `merged_into`: the record that was kept in its place (PAT-4), which is never one that was merged itself.
    `channel`: how they want to be written to; '' as it comes. `reminders`: whether they refuse them (NOT-1).
    `imported_by`, `import_line`: of which line of which file it was made, if of any (PAT-5).
    """

    PERSONAL_DATA = "Name, date of birth, gender, address, insurance; remarks and warnings, which may be about health."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"merged_into": Goes()}

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

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")

    class Reminders(models.TextChoices):
        NONE = "none", _("wants none")

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
    channel = _text(_("Messages by"), 8, Channel.choices)
    reminders = _text(_("Reminders"), 8, Reminders.choices)
    remarks = PracticeSealedText(_("Remarks"), null=True)
    warnings = PracticeSealedText(_("Warnings"), null=True)
    created_by = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    made_online = models.BooleanField(default=False, db_default=False)
    archived_at = models.DateTimeField(null=True)
    merged_into = PracticeForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    imported_by = PracticeForeignKey(
        "patients.PatientImport", models.PROTECT, null=True, related_name="records", db_index=False
    )
    import_line = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "number", name="patient_number_once"),
            # What is in no list and found by no booking as it is archived is so for the same reason as it is merged.
            models.CheckConstraint(
                condition=Q(merged_into=None) | (Q(archived_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="patient_merged_is_archived",
            ),
            # Whoever enters a line twice is refused: a worker that was killed, two that enter the same file.
            models.UniqueConstraint(
                "imported_by", "import_line", condition=Q(imported_by__isnull=False), name="import_line_once"
            ),
        ]
        indexes = [
            models.Index("practice", "date_of_birth", "last_key", "first_key", name="patient_by_identity"),
            models.Index("practice", "last_key", "first_key", name="patient_by_name"),
            models.Index("practice", "first_key", name="patient_by_first_name"),
            models.Index("practice", "merged_into", name="patient_merged", condition=Q(merged_into__isnull=False)),
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
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Fact(_("Contact"))}

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="contact_points")
    kind = models.CharField(_("Kind"), max_length=10, choices=ContactKind.choices)
    value = models.CharField(_("Value"), max_length=254)
    key = models.TextField(db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint("patient", "kind", "key", name="contact_point_once")]
        indexes = [models.Index("practice", "key", name="contact_point_by_key")]


class RelatedPerson(PracticeModel):
    """Who else a record names: its guardian, or who pays for the patient, where it is not the patient (PAT-1).

    `person`: their own record, where they have one; else what was typed of them.
    """

    PERSONAL_DATA = "Name, address, phone and e-mail of a guardian or payer."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Fact(_("Guardian or payer")), "person": Goes()}

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
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Fact(_("Tags"))}

    patient = PracticeForeignKey(Patient, models.CASCADE, related_name="tags")
    tag = PracticeForeignKey(Tag, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("patient", "tag", name="patient_tag_once")]
