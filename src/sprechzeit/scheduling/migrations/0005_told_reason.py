from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0004_insurance_and_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="cancellation",
            name="tells_reason",
            field=models.BooleanField(default=False),
        ),
    ]
