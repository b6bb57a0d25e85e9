"""What bounds the bookings of a second: the one writer alone, and the bare INSERT under the same constraints."""

import multiprocessing
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import connections

from sprechzeit.core.acting import run_as
from sprechzeit.scheduling.actions.occupy import Wanted, occupy
from sprechzeit.scheduling.models import Occupancy

from .ground import Ground
from .work import House, Time, make_house

PROCESSES, SECONDS = 4, 4
TELL = "SELECT pg_notify('sprechzeit_book', :half_hour::text);\n"
# Each client counts on, so that no two times meet.
BARE = """
\\set calendar random(1, {calendars})
\\set n :n + 1
\\set half_hour :n * {clients} + :client_id
BEGIN;
SELECT set_config('sprechzeit.practices', '{practice}', true);
INSERT INTO scheduling_occupancy (id, practice_id, calendar_id, starts_at, ends_at, kind, active, overbooked)
SELECT gen_random_uuid(), '{practice}', ('{{{ids}}}'::uuid[])[:calendar],
       '2030-01-01'::timestamptz + :half_hour * interval '30 minutes',
       '2030-01-01'::timestamptz + (:half_hour + 1) * interval '30 minutes', 'appointment', true, false
ON CONFLICT DO NOTHING;
{more}COMMIT;

"""


def _take(house: House, times: Sequence[Time]) -> None:
    for one in times:
        wanted = Wanted(
            one.calendar_id, None, one.starts_at, one.starts_at + timedelta(minutes=30), Occupancy.Kind.APPOINTMENT
        )
        run_as(house.system, partial(occupy, house.system, wanted))
    connections.close_all()


def processes(work: Callable[[Sequence[Time]], None], times: Sequence[Time]) -> float:
    """Calls a second, by several processes at once that share `times` out among them."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    each = [fork.Process(target=work, args=[times[number::PROCESSES]]) for number in range(PROCESSES)]
    begin = time.perf_counter()
    for process in each:
        process.start()
    for process in each:
        process.join()
    assert all(process.exitcode == 0 for process in each)
    return len(times) / (time.perf_counter() - begin)


def one_writer(house: House, times: Sequence[Time]) -> float:
    """`occupy` with everything it does, each in a transaction of its own."""
    return processes(partial(_take, house), times)


def bare(ground: Ground, slug: str, more: str = "") -> float:
    """The INSERT alone by pgbench: its constraints, trigger and log; `more` in its transaction."""
    house = make_house(slug, 10, 0, grid=30)
    script = BARE.format(
        calendars=len(house.calendars),
        clients=PROCESSES,
        more=more,
        practice=house.system.practice_id,
        ids=",".join(str(calendar.id) for calendar in house.calendars),
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        output = subprocess.run(
            [
                Path(ground.cluster.binaries) / "pgbench", "--no-vacuum", "--protocol", "prepared",
                "--client", str(PROCESSES), "--time", str(SECONDS), "--define", "n=0", "--file", file.name,
                ground.databases.url("app"),
            ],
            check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
        ).stdout  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", output)
    assert found, output
    return float(found[1])
