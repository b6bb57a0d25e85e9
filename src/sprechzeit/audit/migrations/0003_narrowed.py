"""Indexes for the page of the log narrowed by what was done and by kinds of people; they take the place of two."""

from django.db import migrations, models
from django.db.models import Q

ORDERED = ("table_name", "operation", "at", "id")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_sealed_chain")]
    operations = [
        migrations.RemoveIndex("entry", "audit_entry_by_table"),
        migrations.RemoveIndex("entry", "audit_entry_by_actor"),
        migrations.AddIndex("entry", models.Index(fields=["practice_id", *ORDERED], name="audit_entry_by_thing")),
        migrations.AddIndex(
            "entry", models.Index(fields=["practice_id", "actor", *ORDERED], name="audit_entry_by_person")
        ),
        *[
            migrations.AddIndex(
                "entry",
                models.Index(
                    fields=["practice_id", *ORDERED],
                    name=f"audit_entry_by_{kind}",
                    condition=Q(actor__startswith=f"{kind}:"),
                ),
            )
            for kind in ("link", "database")
        ],
    ]
