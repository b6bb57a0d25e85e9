"""Sessions, what is written about them, and the templates of notes; what was written stays."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import InstallCrossing, Protect

GUARDS = (Path(__file__).parent.parent / "guards.sql").read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0006_nobody_left"),
        ("practice", "0011_guards_path"),
        ("scheduling", "0019_month_limits_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", sprechzeit.practice.models.base.PracticeSealedText()),
                ("written_by", models.CharField(max_length=60)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "note",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="records.note",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoteDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("writer", models.CharField(max_length=60)),
                ("pad", models.UUIDField()),
                ("based_on", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField(default=1)),
                ("text", sprechzeit.practice.models.base.PracticeSealedText()),
                ("begun_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("kept_at", models.DateTimeField()),
                (
                    "note",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="records.note",
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
        migrations.CreateModel(
            name="NoteVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", sprechzeit.practice.models.base.PracticeSealedText()),
                ("written_by", models.CharField(max_length=60)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "note",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="records.note",
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
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="Begin")),
                ("duration_minutes", models.PositiveIntegerField(verbose_name="Length")),
                ("kind", models.CharField(blank=True, max_length=100, verbose_name="Kind of treatment")),
                ("price_cents", models.PositiveIntegerField(null=True, verbose_name="Price")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="session",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
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
                    "practitioner",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="note",
            name="session",
            field=sprechzeit.practice.models.base.PracticeOneToOne(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="note",
                to="records.session",
            ),
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("signed_by", models.CharField(max_length=60)),
                ("signed_at", models.DateTimeField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "note",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signature",
                        to="records.note",
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
                    "version",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.noteversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoteTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="Name")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("opened_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
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
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("practice"), models.F("name"), name="note_template_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("fields__len__gte", 1)), name="note_template_has_fields"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="noteversion",
            constraint=models.UniqueConstraint(models.F("note"), models.F("number"), name="note_version_once"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                models.F("practice"), models.F("patient"), models.F("starts_at"), name="session_by_patient"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("duration_minutes__range", (1, 1440))), name="session_within_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_cents__lte", 999999999)), name="session_price_in_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", models.F("session_id"))), name="note_has_its_sessions_id"
            ),
        ),
        Protect("Session", "NoteTemplate", "Note", "NoteVersion", "NoteDraft", "Signature", "Amendment"),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        # What is about a note is about its session, for the log.
        InstallCrossing(),
    ]
