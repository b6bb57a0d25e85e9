"""Nonces of partners' calls, the practice's signing keys, and whose key a signature names (OTV-2)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import InstallCrossing, Protect, crosses


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0013_partner_interface"),
    ]

    operations = [
        migrations.CreateModel(
            name="Nonce",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "key",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.partnerkey",
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
                "indexes": [models.Index(fields=["practice", "used_at"], name="nonce_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("practice"), models.F("key"), models.F("digest"), name="nonce_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference", models.CharField(max_length=60, unique=True)),
                ("public_key", models.CharField(max_length=44)),
                ("private_key", sprechzeit.practice.models.base.PracticeSealedText()),
                ("starts_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ends_at", models.DateTimeField(null=True)),
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
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                        name="signing_key_time",
                    )
                ],
            },
        ),
        # A nonce is a trace of a call, no fact of the practice: the log would have two entries for each call.
        Protect("Nonce", derived=True),
        Protect("SigningKey"),
        migrations.RunSQL(
            [
                *crosses(
                    "practice_partnerkey",
                    "SELECT",
                    [
                        "id",
                        "practice_id",
                        "partner_id",
                        "reference",
                        "public_key",
                        "starts_at",
                        "ends_at",
                        "revoked_at",
                    ],
                ),
                *crosses("practice_partner", "SELECT", ["id", "practice_id", "starts_on", "ends_on", "ended_at"]),
            ],
            migrations.RunSQL.noop,
        ),
        InstallCrossing(),
    ]
