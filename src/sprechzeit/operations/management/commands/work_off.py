"""`work_off`: work off the jobs until a signal asks to stop; what `sprechzeit worker` becomes.

`--slots`: so many jobs of each queue at once, not as many as it has; `--patience`: seconds until jobs that can be are
cancelled (working.py).
"""

import asyncio
from argparse import ArgumentParser
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from sprechzeit.core.jobs import SLOTS
from sprechzeit.operations.working import work_off


class Command(BaseCommand):
    help = "Work off the jobs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slots", type=int)
        parser.add_argument("--patience", type=float, default=5.0)

    def handle(self, *_args: Any, slots: int | None, patience: float, **_options: Any) -> None:
        with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()):
            try:
                asyncio.run(work_off({queue: slots or many for queue, many in SLOTS.items()}, patience))
            except ConnectorException as error:
                raise CommandError(str(error.__cause__ or error)) from error
