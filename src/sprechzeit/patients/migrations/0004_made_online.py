from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_decided_proposals"),
    ]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="made_online",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
