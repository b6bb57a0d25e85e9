"""What the log says of deleted rows is erased when their time is over (PRI-21)."""

from django.db import migrations

from sprechzeit.core.rowsecurity import InstallCrossing


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_versions"),
        # The functions are installed as they are now, so all tables that they read must be there.
        ("community", "0002_shared_rooms"),
    ]
    operations = [InstallCrossing()]
