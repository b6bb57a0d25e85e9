"""Wrong codes of the second factor are counted until one is right."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_session")]
    operations = [migrations.AddField("user", "wrong_codes", models.PositiveIntegerField(default=0))]
