"""Doing the same at the same time: threads that start together, each with a connection of its own."""

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

import psycopg
from django.db import connections

from tests.support.databases import Databases

T = TypeVar("T")


def together(*work: Callable[[], T], seconds: float = 30) -> list[T | Exception]:
    """What each call gave or raised, in the order given. For tests with a database of their own."""
    barrier = Barrier(len(work))
    results: list[T | Exception] = [AssertionError("did not end in time")] * len(work)

    def run(number: int) -> None:
        try:
            barrier.wait(seconds)
            results[number] = work[number]()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[number], daemon=True) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    return results


def until_somebody_waits(databases: Databases, seconds: float = 20) -> None:
    """Until a transaction of this database waits for another's lock. The cluster has other tests' databases."""
    waits = "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
    end = time.monotonic() + seconds
    with psycopg.connect(databases.url("superuser"), autocommit=True) as superuser:
        while time.monotonic() < end:
            if superuser.execute(waits).fetchone() is not None:
                return
            time.sleep(0.02)
    raise TimeoutError("nobody waits")
