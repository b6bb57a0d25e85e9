from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0012_take_times"),
    ]

    operations = [
        migrations.AddField(
            model_name="block",
            name="removed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
