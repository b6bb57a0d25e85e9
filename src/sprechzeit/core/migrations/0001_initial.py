"""Limits against abuse, the cache of the sign-in's limits, and the functions that cross practices."""

from django.db import migrations, models

from sprechzeit.core.rowsecurity import InstallCrossing


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        InstallCrossing(),
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=40)),
                ("key", models.BinaryField(max_length=32)),
                ("window_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [models.UniqueConstraint("scope", "key", "window_at", name="attempts_once_a_window")],
                "indexes": [models.Index(fields=["window_at"], name="attempts_by_window")],
            },
        ),
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, "
            "expires timestamptz NOT NULL); CREATE INDEX core_cache_expires ON core_cache (expires)",
            "DROP TABLE core_cache",
        ),
    ]
