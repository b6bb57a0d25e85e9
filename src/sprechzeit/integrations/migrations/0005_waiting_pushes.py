"""Changes that wait for the video service since before they had a queue of their own go over to it, so that a service
which does not answer holds up no mails.
"""

from django.db import migrations

MOVE = """
UPDATE procrastinate_jobs SET queue_name = 'video_service', priority = 0
 WHERE task_name IN ('integrations.push_appointment', 'integrations.look_again', 'integrations.push_all')
   AND queue_name = 'default' AND status IN ('todo', 'doing')
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0004_former_services"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [migrations.RunSQL(MOVE, migrations.RunSQL.noop)]
