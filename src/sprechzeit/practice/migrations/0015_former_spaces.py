"""What is over stays in the physical room that a room was then."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0014_partner_key_stays")]

    operations = [
        migrations.AddField(
            model_name="room",
            name="former_spaces",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
        ),
        migrations.RunSQL(
            "ALTER POLICY app ON practice_space USING (EXISTS (SELECT 1 FROM practice_room r "
            "WHERE r.space_id = practice_space.id OR practice_space.id = ANY (r.former_spaces)))",
            "ALTER POLICY app ON practice_space USING (EXISTS (SELECT 1 FROM practice_room r "
            "WHERE r.space_id = practice_space.id))",
        ),
    ]
