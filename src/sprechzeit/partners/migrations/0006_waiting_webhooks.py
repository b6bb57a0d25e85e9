"""Webhooks that wait since before they had a queue of their own go over to it: for a day they would hold up mails."""

from django.db import migrations

MOVE = """
UPDATE procrastinate_jobs SET queue_name = 'webhooks', priority = 0
 WHERE task_name = 'partners.deliver' AND queue_name = 'default' AND status IN ('todo', 'doing')
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0005_event_changed_at"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [migrations.RunSQL(MOVE, migrations.RunSQL.noop)]
