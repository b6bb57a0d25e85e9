import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0001_initial"),
        ("scheduling", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("booked", "Booking confirmation"), ("cancelled", "Cancellation")], max_length=20
                    ),
                ),
                ("address", models.EmailField(max_length=254)),
                ("subject", models.CharField(blank=True, max_length=250)),
                ("text", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=250)),
                (
                    "appointment",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="scheduling.appointment",
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
                "db_table": "messages_message",
                "indexes": [
                    models.Index(
                        models.F("practice"),
                        models.F("failed_at"),
                        condition=models.Q(("failed_at__isnull", False)),
                        name="message_failed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("appointment"), models.F("kind"), name="message_once"),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("failed_at", None), _connector="OR"),
                        name="sent_or_failed",
                    ),
                ],
            },
        ),
        Protect("Message"),
    ]
