"""Times in a shared room say whose they are, not only the name: two practices may bear one."""

from django.db import migrations

from sprechzeit.core.rowsecurity import InstallCrossing


class Migration(migrations.Migration):
    dependencies = [("community", "0002_shared_rooms")]

    operations = [InstallCrossing()]
