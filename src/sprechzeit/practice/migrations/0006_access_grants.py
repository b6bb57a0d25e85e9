import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import sprechzeit.core.ids
import sprechzeit.practice.models.base
from sprechzeit.core.rowsecurity import CROSSING, InstallCrossing, Protect, crosses

# A revoked access stays as it was; and whose an access is never changes. Who changes what it opens waits for who
# revokes it, and the other way round.
KEEPS = """
CREATE FUNCTION keep_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR (TG_OP = 'UPDATE' AND OLD.user_id IS NOT NULL
                                      AND OLD.user_id IS DISTINCT FROM NEW.user_id) THEN
        RAISE EXCEPTION 'this access is over' USING ERRCODE = 'check_violation', CONSTRAINT = 'access_is_over';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
KEEPS_AREAS = """
CREATE FUNCTION keep_granted_area() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    over timestamptz;
BEGIN
    SELECT revoked_at INTO over FROM practice_accessgrant
     WHERE practice_id = coalesce(NEW.practice_id, OLD.practice_id) AND id = coalesce(NEW.grant_id, OLD.grant_id)
       FOR SHARE;
    IF over IS NOT NULL OR TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'this access is over' USING ERRCODE = 'check_violation', CONSTRAINT = 'access_is_over';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0005_team"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                ("email", models.EmailField(max_length=254, verbose_name="E-mail")),
                ("purpose", models.CharField(blank=True, max_length=80, verbose_name="What for")),
                ("given_at", models.DateTimeField(auto_now_add=True)),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="Ends on")),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=60)),
                (
                    "given_by",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
                    ),
                ),
                (
                    "invitation",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="practice.invitation",
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
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GrantedArea",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "area",
                    models.CharField(
                        choices=[
                            ("scheduling", "Scheduling"),
                            ("documentation", "Documentation"),
                            ("invoicing", "Invoicing"),
                            ("reports", "Reports"),
                            ("finance", "Finance"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "grant",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="areas",
                        to="practice.accessgrant",
                    ),
                ),
                (
                    "member",
                    sprechzeit.practice.models.base.PracticeForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.member",
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
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.UniqueConstraint(
                models.F("practice"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("revoked_at", None)),
                name="access_once_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.UniqueConstraint(
                models.F("practice"), models.F("user"), condition=models.Q(("revoked_at", None)), name="access_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("user", None)),
                    models.Q(("accepted_at__isnull", False), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="access_accepted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at", None), ("revoked_by", "")),
                    models.Q(("revoked_at__isnull", False), models.Q(("revoked_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="access_revoked_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantedarea",
            constraint=models.UniqueConstraint(
                models.F("practice"), models.F("grant"), models.F("member"), models.F("area"), name="granted_area_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="grantedarea",
            constraint=models.CheckConstraint(
                condition=models.Q(("area__in", ["scheduling", "documentation", "invoicing", "reports", "finance"])),
                name="granted_area_known",
            ),
        ),
        Protect("AccessGrant", "GrantedArea"),
        migrations.RunSQL(
            [
                *crosses(
                    "practice_accessgrant",
                    "SELECT",
                    ["id", "practice_id", "user_id", "given_by_id", "ends_on", "revoked_at"],
                ),
                *crosses("practice_grantedarea", "SELECT", ["practice_id", "grant_id", "area", "member_id"]),
                f"GRANT SELECT (zone_name) ON practice_practice TO {CROSSING}",
                KEEPS,
                "CREATE TRIGGER keep_access BEFORE UPDATE OR DELETE ON practice_accessgrant "
                "FOR EACH ROW EXECUTE FUNCTION keep_access()",
                KEEPS_AREAS,
                "CREATE TRIGGER keep_granted_area BEFORE INSERT OR UPDATE OR DELETE ON practice_grantedarea "
                "FOR EACH ROW EXECUTE FUNCTION keep_granted_area()",
            ],
            migrations.RunSQL.noop,
        ),
        InstallCrossing(),
    ]
