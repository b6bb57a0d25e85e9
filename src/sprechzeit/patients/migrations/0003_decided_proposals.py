from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_appointment_book"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactproposal",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("added", "Added"),
                    ("replaced", "Replaced"),
                    ("known", "Known already"),
                    ("declined", "Declined"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="contactproposal",
            name="decided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contactproposal",
            name="decided_by",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="contactproposal",
            name="former_value",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddConstraint(
            model_name="contactproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(decided_at=None, decision="", decided_by="")
                | (models.Q(decided_at__isnull=False) & ~models.Q(decision="") & ~models.Q(decided_by="")),
                name="contact_proposal_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="contactproposal",
            index=models.Index(
                models.F("practice"),
                models.F("proposed_at"),
                condition=models.Q(decided_at=None),
                name="contact_proposal_open",
            ),
        ),
    ]
