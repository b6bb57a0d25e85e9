"""Working off the jobs: every queue with its slots, in one process (`core/jobs.py: SLOTS`)."""

import asyncio
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from procrastinate.contrib.django import app

STOPPING = (signal.SIGINT, signal.SIGTERM)
SPARE_THREADS = 4
"""For what asyncio itself does in threads, such as looking up the name of the database's machine."""


async def work_off(slots: Mapping[str, int], patience: float) -> None:
    """Until a signal asks to stop, or one of the queues cannot go on; what is at work has `patience` seconds to end.

    After that jobs that are coroutines are cancelled. Threads cannot be: it ends with the last of them, or killed by
    who asked (`children.py: STOP_PATIENCE`), and then what they were at is put back. Raises what ended it.
    """
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in STOPPING:
        loop.add_signal_handler(number, stopping.set)
    # Jobs are threads: were they all of one small pool, those that wait for others would keep the rest from beginning.
    loop.set_default_executor(ThreadPoolExecutor(sum(slots.values()) + SPARE_THREADS))
    async with app.open_async():
        working = [asyncio.create_task(_work_off(queue, many, patience)) for queue, many in slots.items()]
        asked = asyncio.create_task(stopping.wait())
        await asyncio.wait([*working, asked], return_when=asyncio.FIRST_COMPLETED)
        for one in (*working, asked):
            one.cancel()
        for ending in await asyncio.gather(*working, asked, return_exceptions=True):
            if isinstance(ending, Exception):  # being cancelled is none
                raise ending


async def _work_off(queue: str, slots: int, patience: float) -> None:
    await app.run_worker_async(
        queues=[queue], name=queue, concurrency=slots, shutdown_graceful_timeout=patience,
        install_signal_handlers=False,
    )  # fmt: skip
