"""`forget_old`: what the program forgets every night, now; in a restored database before anybody uses it (PRI-20)."""

from typing import Any

from django.utils import timezone

from sprechzeit.operations.jobs import forget
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.privacy.jobs import forget_everywhere


class Command(PlainCommand):
    help = "Forget what is over."

    def work(self, **options: Any) -> None:
        forget()
        forget_everywhere(timezone.now())
