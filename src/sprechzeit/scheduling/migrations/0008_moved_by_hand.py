from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0007_booker_and_code"),
    ]

    operations = [
        migrations.AddField(
            model_name="block",
            name="file_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="block",
            name="file_starts_at",
            field=models.DateTimeField(null=True),
        ),
    ]
