"""Nothing becomes somebody's who has left: what a booking that was under way would leave behind, nobody would see."""

from django.db import migrations

# Argument: the column that names the member. The member's row is waited for: who hands over holds it (ACC-12). What was
# under way is done once more as a whole (40001), and then finds who has taken over.
OWNER_WORKS_HERE = """
CREATE FUNCTION owner_works_here() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
BEGIN
    IF owner IS NULL OR (TG_OP = 'UPDATE' AND owner = (to_jsonb(OLD) ->> TG_ARGV[0])::uuid) THEN
        RETURN NEW;
    END IF;
    PERFORM FROM practice_member WHERE id = owner AND practice_id = NEW.practice_id AND left_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'who has left gets nothing' USING ERRCODE = 'serialization_failure', CONSTRAINT = 'owner_left';
    END IF;
    RETURN NEW;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("practice", "0006_access_grants")]
    operations = [migrations.RunSQL(OWNER_WORKS_HERE, "DROP FUNCTION owner_works_here()")]
