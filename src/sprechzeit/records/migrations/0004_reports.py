"""Reports: letters made from templates, that stay as they were filed."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect

GUARDS = (Path(__file__).parent.parent / "report_guards.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0008_search"),
        ("practice", "0011_guards_path"),
        ("records", "0003_not_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("content", sprechzeit.practice.models.base.PracticeSealedText()),
                ("language", models.CharField(max_length=2)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("pad", models.UUIDField()),
                ("begun_by", models.CharField(max_length=60)),
                ("begun_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("kept_by", models.CharField(max_length=60)),
                ("kept_at", models.DateTimeField()),
                (
                    "corrects",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="records.report",
                    ),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
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
        migrations.CreateModel(
            name="FiledReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sealed_pdf", sprechzeit.practice.models.base.PracticeSealedText()),
                ("filed_by", models.CharField(max_length=60)),
                ("filed_at", models.DateTimeField()),
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
                    "report",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filed",
                        to="records.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="Name")),
                ("body", models.TextField(max_length=20000, verbose_name="Text")),
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
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("corrects", models.F("id")), _negated=True), name="report_corrects_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="filedreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", models.F("report_id"))), name="filed_report_has_its_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="reporttemplate",
            constraint=models.UniqueConstraint(
                models.F("practice"), models.F("name"), name="report_template_name_once"
            ),
        ),
        Protect("Report", "FiledReport", "ReportTemplate"),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
