"""Commands that say in plain words what stands in the way."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from sprechzeit.operations.errors import CannotRun


class PlainCommand(BaseCommand):
    """A command whose refusals are printed alone; it ends with status 1 then."""

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self.work(**options)
        except CannotRun as problem:
            self.stderr.write(str(problem))
            sys.exit(1)

    def work(self, **options: Any) -> None:
        """What it does. Raises `CannotRun`."""
        raise NotImplementedError
