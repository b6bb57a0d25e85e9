"""Changes may be reported to this machine unencrypted, for tests and development, where a setting allows it (OTV-9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0015_former_spaces"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="partner",
            name="partner_webhook_https",
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("webhook_url", ""),
                    ("webhook_url__regex", "^(https://|http://(localhost|127\\.0\\.0\\.1)[:/])"),
                    _connector="OR",
                ),
                name="partner_webhook_https",
            ),
        ),
    ]
