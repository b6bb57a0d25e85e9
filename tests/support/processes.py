"""Doing things in many processes at the same time, each with a connection of its own."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connections

FORKED: Any = multiprocessing.get_context("fork")


def in_processes(*work: Callable[[], object], seconds: float = 60) -> Counter[str]:
    """Start all at once; what became of each: 'done', or the name of what it raised. With real commits only."""
    connections.close_all()
    barrier, outcomes = FORKED.Barrier(len(work)), FORKED.SimpleQueue()

    def run(one: Callable[[], object]) -> None:
        try:
            barrier.wait(seconds)
            one()
            outcomes.put("done")
        except Exception as error:
            outcomes.put(type(error).__name__)
        finally:
            connections.close_all()

    processes = [FORKED.Process(target=run, args=[one], daemon=True) for one in work]
    for process in processes:
        process.start()
    found = Counter(outcomes.get() for _ in processes)
    for process in processes:
        process.join(seconds)
    return found
