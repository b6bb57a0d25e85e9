"""Shared rooms get other names, and go when no practice uses them."""

from django.db import migrations, models

from sprechzeit.core.rowsecurity import APP, InstallCrossing, crosses

KINDS = [
    ("founded", "Community founded"),
    ("renamed", "Community renamed"),
    ("entered", "Code entered"),
    ("agreed", "Agreed to the community"),
    ("confirmed", "Practice confirmed"),
    ("declined", "Practice declined"),
    ("space", "Shared room added"),
    ("space_named", "Shared room renamed"),
    ("space_gone", "Shared room deleted"),
    ("mapped", "Room assigned"),
    ("unmapped", "Room no longer shared"),
    ("shown", "Busy times shown"),
    ("hidden", "Busy times hidden"),
    ("left", "Community left"),
    ("removed", "Practice removed"),
]


class Migration(migrations.Migration):
    dependencies = [("community", "0001_initial"), ("practice", "0015_former_spaces")]

    operations = [
        migrations.AlterField("communityevent", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.AlterField("communityevent", "concerns", models.CharField(blank=True, max_length=200)),
        migrations.RunSQL(
            [
                f"REVOKE UPDATE, DELETE, TRUNCATE ON community_communityspace FROM {APP}",
                f"GRANT UPDATE (name) ON community_communityspace TO {APP}",
                *crosses("community_communityspace", "DELETE"),
            ],
            migrations.RunSQL.noop,
        ),
        InstallCrossing(),
    ]
