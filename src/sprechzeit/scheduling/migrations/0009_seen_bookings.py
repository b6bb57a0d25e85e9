from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0008_moved_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="appointment",
            name="seen_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(seen_at=None, seen_by="")
                | (models.Q(seen_at__isnull=False) & ~models.Q(seen_by="")),
                name="appointment_seen",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                models.F("practice"),
                models.F("created_at"),
                condition=models.Q(source="online", seen_at=None),
                name="appointment_unseen",
            ),
        ),
    ]
