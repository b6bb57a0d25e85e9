"""Whether a space is one of the actor's is asked once, not for each time taken in it."""

from django.db import migrations

from sprechzeit.core.rowsecurity import InstallCrossing


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [InstallCrossing()]
