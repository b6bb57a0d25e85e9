"""`forget_old`: what the program forgets every night, now."""

from typing import Any

from sprechzeit.operations.jobs import forget
from sprechzeit.operations.management.plain import PlainCommand


class Command(PlainCommand):
    help = "Forget what is kept for a short time only and is over."

    def work(self, **options: Any) -> None:
        forget()
