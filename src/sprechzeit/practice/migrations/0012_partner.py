"""Booking partners; none is ever deleted."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import sprechzeit.core.ids
from sprechzeit.core.rowsecurity import APP, Protect


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0011_guards_path"),
    ]

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="Name")),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="Website")),
                ("contact", models.CharField(blank=True, max_length=120, verbose_name="Contact person")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="E-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="Phone")),
                ("starts_on", models.DateField(verbose_name="First day")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="Last day")),
                ("ended_at", models.DateTimeField(null=True)),
                ("consents_at", models.DateTimeField(null=True)),
                ("registered_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    models.UniqueConstraint(
                        models.F("practice"), django.db.models.functions.text.Lower("name"), name="partner_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="partner_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("website", ""), ("website__startswith", "https://"), _connector="OR"),
                        name="partner_website_https",
                    ),
                ],
            },
        ),
        Protect("Partner"),
        migrations.RunSQL(
            f"REVOKE DELETE, TRUNCATE ON practice_partner FROM {APP}", f"GRANT DELETE ON practice_partner TO {APP}"
        ),
    ]
