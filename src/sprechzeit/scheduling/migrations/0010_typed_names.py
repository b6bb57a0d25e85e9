from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0009_seen_bookings"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="typed_first_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="appointment",
            name="typed_last_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
    ]
