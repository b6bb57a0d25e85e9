"""When what booking partners are handed of a record last changed. Before this nobody was handed anything."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect

KEPT = (Path(__file__).parents[1] / "handed.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0011_consent"),
        ("practice", "0013_partner_interface"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandedChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "patient",
                    sprechzeit.practice.models.base.PracticeOneToOne(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handed_change",
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
                "indexes": [models.Index(models.F("practice"), models.F("changed_at"), name="handed_change_by_moment")],
            },
        ),
        Protect("HandedChange", derived=True),
        migrations.RunSQL([(KEPT, None)], migrations.RunSQL.noop),
    ]
