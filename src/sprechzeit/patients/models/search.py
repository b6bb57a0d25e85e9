"""What the search reads, kept by triggers (PAT-2)."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from sprechzeit.patients.attached import OnMerge, Stays
from sprechzeit.patients.models.master_data import Patient
from sprechzeit.practice.models import PracticeModel, PracticeOneToOne


class SearchEntry(PracticeModel):
    """What a record is found by (PAT-2): derived, and kept by the database alone (`search.sql`).

    Its id is the record's. `first`, `last`: the names, folded, the last one without 'von der' before it. `lexemes`: all
    of it, read by `find_patients` of `crossing`, as no leakproof operator does.
    """

    PERSONAL_DATA = "Name, date of birth, e-mail address or phone number, again, as they are searched."
    RETENTION = "record"
    ON_MERGE: ClassVar[dict[str, OnMerge]] = {"patient": Stays("The database keeps each record's by itself.")}

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
