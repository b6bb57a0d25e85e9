"""A calendar belongs to somebody who works in the practice (ACC-12)."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER owner_works_here BEFORE INSERT OR UPDATE OF member_id ON scheduling_calendar
FOR EACH ROW EXECUTE FUNCTION owner_works_here('member_id')
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0015_take_times_or_none"), ("practice", "0007_nobody_left")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER owner_works_here ON scheduling_calendar")]
