import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import sprechzeit.core.ids
from sprechzeit.core.rowsecurity import CROSSING, InstallCrossing, Protect, crosses


class Migration(migrations.Migration):
    dependencies = [
        ("practice", "0004_online_booking_settings"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="factor_reset_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="practice",
            name="second_factor_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sprechzeit.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="E-mail")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "Group administrator"),
                            ("practitioner", "Group member"),
                            ("secretary", "Secretary's office"),
                        ],
                        default="practitioner",
                        max_length=20,
                        verbose_name="Role",
                    ),
                ),
                ("invited_by", models.CharField(max_length=60)),
                ("sending", models.UUIDField()),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
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
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        name="invitation_once",
                    )
                ],
            },
        ),
        Protect("Invitation"),
        migrations.RunSQL(
            [
                *crosses("practice_invitation", "SELECT", ["id", "practice_id", "token_hash"]),
                f"GRANT SELECT (name, second_factor_roles) ON practice_practice TO {CROSSING}",
                f"GRANT SELECT (suspended_at) ON practice_member TO {CROSSING}",
                f"GRANT SELECT (user_id, type) ON mfa_authenticator TO {CROSSING}",
                # Two administrators who make each other something else at once wait for one another here.
                """
                CREATE FUNCTION keep_an_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_advisory_xact_lock(hashtextextended('administrators:' || OLD.practice_id, 0));
                    IF NOT EXISTS (SELECT 1 FROM practice_member WHERE practice_id = OLD.practice_id
                                      AND role = 'administrator' AND left_at IS NULL AND suspended_at IS NULL) THEN
                        RAISE EXCEPTION 'a practice keeps an administrator'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator';
                    END IF;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER last_administrator AFTER UPDATE OR DELETE ON practice_member
                FOR EACH ROW WHEN (OLD.role = 'administrator' AND OLD.left_at IS NULL AND OLD.suspended_at IS NULL)
                EXECUTE FUNCTION keep_an_administrator()
                """,
            ],
            migrations.RunSQL.noop,
        ),
        InstallCrossing(),
    ]
