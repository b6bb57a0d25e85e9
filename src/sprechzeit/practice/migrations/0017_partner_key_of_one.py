"""No two partners of a practice sign with the same key: what is revoked of the one would go on as the other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0016_webhook_here"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="partnerkey",
            name="partner_key_once",
        ),
        migrations.AddConstraint(
            model_name="partnerkey",
            constraint=models.UniqueConstraint(models.F("practice"), models.F("public_key"), name="partner_key_once"),
        ),
    ]
