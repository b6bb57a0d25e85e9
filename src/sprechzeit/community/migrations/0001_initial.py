"""Calendar communities (COM-1…8)."""

import django.db.models.deletion
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import APP, CROSSING, InstallCrossing, Protect, crosses, row_security
from sprechzeit.scheduling.time_versions import TIME_CHANGED_AND_TOLD

STANDS = "m.agreed_at IS NOT NULL AND m.confirmed_at IS NOT NULL AND m.left_at IS NULL"


def in_it(community: str, condition: str) -> str:
    """That a practice of the actor is in a community; `community_membership` is itself under row security."""
    return f"EXISTS (SELECT 1 FROM community_membership m WHERE m.community_id = {community} AND {condition})"


RIGHTS = [
    # Who has entered the code sees what they would be in; its rooms only who is.
    *row_security("community_community", app=in_it("community_community.id", "m.left_at IS NULL")),
    *row_security("community_communityspace", app=in_it("community_communityspace.community_id", STANDS)),
    # What stands between practices is written by the functions that look at both sides.
    f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON community_community, community_membership, community_communityevent "
    f"FROM {APP}",
    f"GRANT UPDATE (name) ON community_community TO {APP}",
    f"GRANT UPDATE (agreed_at, shows_times) ON community_membership TO {APP}",
    *crosses("community_community", "SELECT"),
    *crosses("community_community", "INSERT"),
    *crosses("community_community", "UPDATE", ["founder_id"]),
    *crosses("community_membership", "SELECT"),
    *crosses("community_membership", "INSERT"),
    *crosses("community_membership", "UPDATE", ["confirmed_at", "left_at", "removed_by"]),
    *crosses("community_communitycode", "SELECT", ["id", "community_id", "code_hash", "expires_at", "used_at"]),
    *crosses("community_communitycode", "UPDATE", ["used_at"]),
    *crosses("community_communitycode", "DELETE"),
    *crosses("community_communityspace", "SELECT"),
    *crosses("community_communityevent", "INSERT"),
    f"GRANT SELECT (practice_id) ON scheduling_occupancy TO {CROSSING}",
    TIME_CHANGED_AND_TOLD,
]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("practice", "0012_partner"),
        ("scheduling", "0020_not_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="Community",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("founded_at", models.DateTimeField()),
                (
                    "founder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.practice",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommunityCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code_hash", models.BinaryField(max_length=32, unique=True)),
                ("code", sprechzeit.practice.models.base.PracticeSealedText()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "community",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="code", to="community.community"
                    ),
                ),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CommunityEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("founded", "Community founded"),
                            ("renamed", "Community renamed"),
                            ("entered", "Code entered"),
                            ("agreed", "Agreed to the community"),
                            ("confirmed", "Practice confirmed"),
                            ("declined", "Practice declined"),
                            ("space", "Shared room added"),
                            ("mapped", "Room assigned"),
                            ("unmapped", "Room no longer shared"),
                            ("shown", "Busy times shown"),
                            ("hidden", "Busy times hidden"),
                            ("left", "Community left"),
                            ("removed", "Practice removed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("by_name", models.CharField(max_length=120)),
                ("concerns", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="community.community",
                    ),
                ),
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
                "indexes": [models.Index(fields=["practice", "community", "-at"], name="community_events")],
            },
        ),
        migrations.CreateModel(
            name="CommunitySpace",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spaces",
                        to="community.community",
                    ),
                ),
                (
                    "space",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.space"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("community"), models.F("name"), name="community_space_name_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("removed_by", models.CharField(blank=True, max_length=120)),
                ("shows_times", models.BooleanField(default=False, verbose_name="Show our busy times")),
                (
                    "community",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="community.community",
                    ),
                ),
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
                        models.F("practice"),
                        models.F("community"),
                        condition=models.Q(("left_at", None)),
                        name="in_community_once",
                    )
                ],
            },
        ),
        Protect("Membership", "CommunityCode", "CommunityEvent"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        InstallCrossing(),
    ]
