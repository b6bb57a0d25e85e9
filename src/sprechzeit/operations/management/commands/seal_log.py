"""`seal_log`: seal what each practice's log has new, now."""

from typing import Any

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.audit.sealing import seal_log
from sprechzeit.operations.management.plain import PlainCommand


class Command(PlainCommand):
    help = "Seal the log."

    def work(self, **options: Any) -> None:
        for practice_id in all_practices():
            seal_log(system(practice_id))
