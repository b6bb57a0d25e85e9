"""How a former video service is reached, as long as appointments to come stand there (PUSH-2)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0003_practitioner"),
        ("practice", "0021_message_switches"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerService",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("target", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=20)),
                ("url", models.URLField(max_length=300)),
                ("token", sprechzeit.practice.models.base.PracticeSealedText()),
                ("left_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("emptied_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(models.F("practice"), models.F("target"), name="former_service_once"),
                ],
            },
        ),
        Protect("FormerService"),
    ]
