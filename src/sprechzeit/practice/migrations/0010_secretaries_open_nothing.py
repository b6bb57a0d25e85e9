"""An access opens nothing of a member who has become a secretary (ACC-20)."""

from django.db import migrations

from sprechzeit.core.rowsecurity import InstallCrossing


class Migration(migrations.Migration):
    dependencies = [("practice", "0009_access_factor_reset")]

    operations = [InstallCrossing()]
