"""The SMS gateway of a practice (NOT-1)."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0019_service_watch"),
    ]

    operations = [
        migrations.CreateModel(
            name="SmsGateway",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_on", models.BooleanField(default=False, verbose_name="Send SMS")),
                ("url", models.URLField(max_length=300, verbose_name="Address of the gateway")),
                ("token", sprechzeit.practice.models.base.PracticeSealedText(null=True)),
                (
                    "sender",
                    models.CharField(
                        blank=True,
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator("^([A-Za-z0-9 .&_-]{1,11}|\\+?[0-9]{3,15})$")
                        ],
                        verbose_name="Sender",
                    ),
                ),
                (
                    "sign_in",
                    models.CharField(
                        choices=[
                            ("bearer", "Authorization: Bearer"),
                            ("basic", "Authorization: Basic"),
                            ("api_key", "X-Api-Key"),
                        ],
                        default="bearer",
                        max_length=8,
                        verbose_name="The token goes along as",
                    ),
                ),
                (
                    "number_field",
                    models.CharField(
                        default="to",
                        max_length=40,
                        validators=[django.core.validators.RegexValidator("^[A-Za-z][A-Za-z0-9_.-]{0,39}$")],
                        verbose_name="Field of the number",
                    ),
                ),
                (
                    "text_field",
                    models.CharField(
                        default="text",
                        max_length=40,
                        validators=[django.core.validators.RegexValidator("^[A-Za-z][A-Za-z0-9_.-]{0,39}$")],
                        verbose_name="Field of the text",
                    ),
                ),
                (
                    "sender_field",
                    models.CharField(
                        default="from",
                        max_length=40,
                        validators=[django.core.validators.RegexValidator("^[A-Za-z][A-Za-z0-9_.-]{0,39}$")],
                        verbose_name="Field of the sender",
                    ),
                ),
                ("test_id", models.UUIDField(null=True)),
                (
                    "test_number",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="Mobile number"
                    ),
                ),
                ("tested_at", models.DateTimeField(null=True)),
                ("test_result", models.CharField(blank=True, db_default="", default="", max_length=20)),
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sms_gateway", to="practice.practice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("url__regex", "^(https://|http://(localhost|127\\.0\\.0\\.1)[:/])")),
                        name="sms_gateway_https",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sender", ""),
                            ("sender__regex", "^([A-Za-z0-9 .&_-]{1,11}|\\+?[0-9]{3,15})$"),
                            _connector="OR",
                        ),
                        name="sms_gateway_sender",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number_field__regex", "^[A-Za-z][A-Za-z0-9_.-]{0,39}$"),
                            ("sender_field__regex", "^[A-Za-z][A-Za-z0-9_.-]{0,39}$"),
                            ("text_field__regex", "^[A-Za-z][A-Za-z0-9_.-]{0,39}$"),
                        ),
                        name="sms_gateway_fields",
                    ),
                ],
            },
        ),
        Protect("SmsGateway"),
    ]
