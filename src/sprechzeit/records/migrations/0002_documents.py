"""Documents of records, and their removals."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect

GUARDS = (Path(__file__).parent.parent / "document_guards.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_search"),
        ("practice", "0011_guards_path"),
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", sprechzeit.practice.models.base.PracticeSealedText()),
                ("remark", sprechzeit.practice.models.base.PracticeSealedText()),
                ("secret", sprechzeit.practice.models.base.PracticeSealedText()),
                ("dated_on", models.DateField(verbose_name="Date")),
                (
                    "media_type",
                    models.CharField(
                        choices=[
                            ("application/pdf", "PDF"),
                            ("image/jpeg", "Picture (JPEG)"),
                            ("image/png", "Picture (PNG)"),
                            ("image/webp", "Picture (WebP)"),
                        ],
                        max_length=30,
                        verbose_name="Kind",
                    ),
                ),
                ("size_bytes", models.PositiveIntegerField()),
                ("pages", models.PositiveIntegerField()),
                ("preview", models.BooleanField()),
                ("added_by", models.CharField(max_length=60)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
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
                (
                    "session",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="records.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DocumentRemoval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", sprechzeit.practice.models.base.PracticeSealedText()),
                ("removed_by", models.CharField(max_length=60)),
                ("removed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "document",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removal",
                        to="records.document",
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
        migrations.AddIndex(
            model_name="document",
            index=models.Index(models.F("practice"), models.F("patient"), name="document_by_patient"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("media_type__in", ["application/pdf", "image/jpeg", "image/png", "image/webp"])),
                name="document_of_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("pages__gte", 1), ("size_bytes__gte", 1)), name="document_has_content"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentremoval",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", models.F("document_id"))), name="removal_has_its_documents_id"
            ),
        ),
        Protect("Document", "DocumentRemoval"),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
