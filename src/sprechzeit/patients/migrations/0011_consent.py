"""What patients said to their data going to booking partners; what was said stays."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import InstallCrossing, Protect
from sprechzeit.patients.attached import refuses_merged

STAYS = (Path(__file__).parents[1] / "consents.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0010_imports"),
        ("practice", "0012_partner"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "value",
                    models.CharField(
                        choices=[("open", "Open"), ("yes", "Yes"), ("no", "No")], max_length=4, verbose_name="Consent"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[("in_writing", "In writing"), ("orally", "Orally"), ("portal", "By the portal")],
                        max_length=10,
                        verbose_name="How it was given",
                    ),
                ),
                ("given_on", models.DateField(verbose_name="Given on")),
                ("note", sprechzeit.practice.models.base.PracticeSealedText(null=True, verbose_name="Proof")),
                ("recorded_by", models.CharField(max_length=60)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "partner",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.partner",
                    ),
                ),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
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
            options={
                "indexes": [
                    models.Index(
                        models.F("practice"), models.F("partner"), models.F("patient"), name="consent_by_partner"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"),
                        models.F("patient"),
                        models.F("partner"),
                        models.F("number"),
                        name="consent_next",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__in", ["open", "yes", "no"])), name="consent_value"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["in_writing", "orally", "portal"])), name="consent_how"
                    ),
                ],
            },
        ),
        Protect("Consent"),
        migrations.RunSQL([(STAYS, None)], migrations.RunSQL.noop),
        migrations.RunSQL(refuses_merged("patients_consent"), migrations.RunSQL.noop),
        # The log knows what was handed out (PAT-22).
        InstallCrossing(),
    ]
