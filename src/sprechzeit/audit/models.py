"""The log (AUD-1…3). Rows come from the database's trigger alone; the application can only read them."""

from django.db import models


class Entry(models.Model):
    """One thing that was done: a row was made, changed or deleted, or a record was opened."""

    PERSONAL_DATA = "Who did what; ids only."
    RETENTION = "log"

    practice_id = models.UUIDField()
    at = models.DateTimeField()
    transaction = models.BigIntegerField()
    actor = models.TextField()
    request = models.TextField()
    table_name = models.TextField()
    row_id = models.UUIDField()
    operation = models.TextField()
    reason = models.TextField()
    digest = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["practice_id", "row_id", "id"], name="audit_entry_by_row"),
            models.Index(fields=["practice_id", "id"], name="audit_entry_by_practice"),
        ]


class Value(models.Model):
    """The old and new values of an entry, apart from it so that the law can erase them; the entry keeps the digest."""

    PERSONAL_DATA = "Old and new values of every column that is not encrypted."
    RETENTION = "log"

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="value")
    practice_id = models.UUIDField()
    salt = models.BinaryField()
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
