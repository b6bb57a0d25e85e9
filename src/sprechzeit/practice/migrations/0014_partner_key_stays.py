"""A booking partner's key stays what it is, and a revoked one revoked; changes are reported over https only."""

from django.db import migrations, models

from sprechzeit.core.rowsecurity import APP

STAYS = """
CREATE FUNCTION partner_key_stays_revoked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
        RAISE EXCEPTION 'a revoked key does not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partner_key_stays_revoked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_key_stays_revoked BEFORE UPDATE OF revoked_at ON practice_partnerkey
FOR EACH ROW EXECUTE FUNCTION partner_key_stays_revoked();
"""
MAY_CHANGE = "label, ends_at, revoked_at"


class Migration(migrations.Migration):
    dependencies = [("practice", "0013_partner_interface")]

    operations = [
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(("webhook_url", ""), ("webhook_url__startswith", "https://"), _connector="OR"),
                name="partner_webhook_https",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="partner_key_ends_later",
            ),
        ),
        migrations.RunSQL(
            STAYS,
            "DROP TRIGGER partner_key_stays_revoked ON practice_partnerkey; DROP FUNCTION partner_key_stays_revoked()",
        ),
        migrations.RunSQL(
            f"REVOKE UPDATE ON practice_partnerkey FROM {APP}; "
            f"GRANT UPDATE ({MAY_CHANGE}) ON practice_partnerkey TO {APP}",
            f"REVOKE UPDATE ({MAY_CHANGE}) ON practice_partnerkey FROM {APP}; "
            f"GRANT UPDATE ON practice_partnerkey TO {APP}",
        ),
    ]
