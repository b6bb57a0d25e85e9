"""What records are found by (PAT-2), for those that are there too: filled before its largest index is made."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import InstallCrossing, Protect, crosses

KEPT = (Path(__file__).parents[1] / "search.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0007_master_data"),
        ("practice", "0011_guards_path"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first", models.TextField(db_collation="C")),
                ("last", models.TextField(db_collation="C")),
                ("lexemes", django.contrib.postgres.search.SearchVectorField()),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="patients.patient",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
            ],
        ),
        Protect("SearchEntry", derived=True),
        migrations.RunSQL(crosses("patients_searchentry", "SELECT"), migrations.RunSQL.noop),
        InstallCrossing(),
        migrations.RunSQL([(KEPT, None)], migrations.RunSQL.noop),
        migrations.RunSQL("SELECT refresh_search_entries()", migrations.RunSQL.noop),
        # The keys of the rows just made are looked at now: a table that still owes that takes no index.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(models.F("practice"), models.F("last"), models.F("first"), name="search_entry_by_last"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(models.F("practice"), models.F("first"), models.F("last"), name="search_entry_by_first"),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["lexemes"], name="search_entry_by_lexeme"
            ),
        ),
    ]
