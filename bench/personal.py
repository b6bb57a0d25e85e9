"""A personal backup (OPS-20): of an administrator, in practices of growing size, as `app` under row security.

Each size in a process of its own, so that the most memory it had is that size's.
"""

import multiprocessing
import random
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.operations.actions import ask_for_backup
from sprechzeit.operations.models import PersonalBackup
from sprechzeit.operations.personal.making import make_personal_backup

from . import report
from .ground import Ground
from .patients import enter, member, records
from .work import make_house


def prepare(ground: Ground, count: int) -> dict[int, Actor]:
    """Administrators of practices with a hundredth, a tenth and all of so many records."""
    found = {}
    for many in (count // 100, count // 10, count):
        house = make_house(f"personal-{many}", 1, 0, grid=30)
        with psycopg.connect(ground.databases.url("superuser")) as loading, loading.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            enter(cursor, records(house.system.practice_id, many, random.Random(9)))
        found[many] = member(house, Role.ADMINISTRATOR, f"personal-{many}")
    ground.tell("VACUUM ANALYZE")
    return found


def measure(administrators: dict[int, Actor]) -> None:
    """Seconds, records a second, megabytes of the archive, and the most memory that the process had."""
    connections.close_all()
    rows: list[list[str | float]] = []
    for many, actor in administrators.items():
        with multiprocessing.get_context("fork").Pool(1) as pool:
            seconds, size, memory = pool.apply(_made, [actor])
        rows.append([f"{many:,} records", seconds, many / seconds, size / 1e6, memory])
    report.table(["", "seconds", "records a second", "archive, MB", "process, MB at most"], rows)


def _made(actor: Actor) -> tuple[float, int, float]:
    with _folder():
        with acting(actor):
            backup = ask_for_backup(actor)
        begin = perf_counter()
        make_personal_backup(actor.practice_id, backup.pk)
        seconds = perf_counter() - begin
        with acting(actor):
            made = PersonalBackup.objects.get(pk=backup.pk)
        assert made.size, "it failed"
    connections.close_all()
    return seconds, made.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _folder() -> Iterator[None]:
    former: Any = settings.DATA_DIR
    with tempfile.TemporaryDirectory() as folder:
        settings.DATA_DIR = Path(folder)
        yield
    settings.DATA_DIR = former
