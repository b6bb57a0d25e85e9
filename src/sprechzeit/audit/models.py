"""The log (AUD-1…3). Rows come from the database's functions alone; the application can only read them."""

from django.db import models
from django.db.models import Q

ORDERED = ("table_name", "operation", "at", "id")


class Entry(models.Model):
    """One thing that was done: a row was made, changed or deleted, or something was opened, searched or exported.

    `subject_id`: whom or what it is about: the row's patient, else its appointment, else the row itself.
    `transaction`: the database's number of the transaction that wrote it (64 bits).
    """

    PERSONAL_DATA = "Who did what; ids only."
    RETENTION = "log"

    practice_id = models.UUIDField()
    at = models.DateTimeField()
    transaction = models.BigIntegerField()
    actor = models.TextField()
    request = models.TextField()
    table_name = models.TextField()
    row_id = models.UUIDField()
    subject_id = models.UUIDField()
    operation = models.TextField()
    reason = models.TextField()
    digest = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["practice_id", "row_id", "id"], name="audit_entry_by_row"),
            models.Index(fields=["practice_id", "transaction", "id"], name="audit_entry_by_transaction"),
            models.Index(fields=["practice_id", "subject_id", "at", "id"], name="audit_entry_by_subject"),
            # The page of the log: what was done to which kind of thing, in order of time; by whom; by any of a kind.
            models.Index(fields=["practice_id", *ORDERED], name="audit_entry_by_thing"),
            models.Index(fields=["practice_id", "actor", *ORDERED], name="audit_entry_by_person"),
            models.Index(
                fields=["practice_id", *ORDERED], name="audit_entry_by_link", condition=Q(actor__startswith="link:")
            ),
            models.Index(
                fields=["practice_id", *ORDERED],
                name="audit_entry_by_database",
                condition=Q(actor__startswith="database:"),
            ),
        ]


class Value(models.Model):
    """The old and new values of an entry, apart from it so that the law can erase them; the entry keeps the digest.

    Erased, all three are empty: without the salt nobody can try out which values give the digest.
    """

    PERSONAL_DATA = "Old and new values of every column that is not encrypted."
    RETENTION = "log"

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="value")
    practice_id = models.UUIDField()
    salt = models.BinaryField(null=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)


class Seal(models.Model):
    """The place of an entry in its practice's chain, counted from 1; `digest` covers it and all before (AUD-3)."""

    PERSONAL_DATA = "None: digests."
    RETENTION = "log"

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="seal")
    practice_id = models.UUIDField()
    place = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint("practice_id", "place", name="audit_seal_place_once")]


class Head(models.Model):
    """The newest seal of a practice's chain, signed; a copy lies outside the database (`audit/heads.py`).

    `upto`: every entry of an earlier transaction is sealed; of this one, those up to `upto_entry`. `problem`: what the
    last check found; empty for nothing.
    """

    PERSONAL_DATA = "None: digests."
    RETENTION = "log"

    practice_id = models.UUIDField(primary_key=True)
    place = models.BigIntegerField()
    digest = models.BinaryField()
    entry_id = models.BigIntegerField()
    upto = models.BigIntegerField()
    upto_entry = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    signature = models.BinaryField(null=True)
    checked_at = models.DateTimeField(null=True)
    problem = models.TextField()
