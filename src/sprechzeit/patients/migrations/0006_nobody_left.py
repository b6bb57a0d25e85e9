"""A record is created for somebody who works in the practice (ACC-12)."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER owner_works_here BEFORE INSERT OR UPDATE OF created_by_id ON patients_patient
FOR EACH ROW EXECUTE FUNCTION owner_works_here('created_by_id')
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_share"), ("practice", "0007_nobody_left")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER owner_works_here ON patients_patient")]
