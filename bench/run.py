"""Everything that is measured, against a durable PostgreSQL of its own; the right answers first.

    python -m bench.run [--only NAME …] [--rounds N] [--seconds N]

Only ratios of things measured in turn in one run mean something on a shared machine. Any wrong answer, double
booking or unexpected status ends the run with an error. What the numbers are for: docs/performance.md.
"""

import argparse
import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import Any

from . import ground as place

# isort: split
from . import (
    book_page,
    booking,
    engine,
    free_times,
    imports,
    insert_path,
    next_free,
    parts,
    patients,
    personal,
    report,
    split,
    throughput,
)
from .ground import Ground
from .work import bookable, make_house, one_practitioner

TIMES, FIVE = 1_000, 5


def free(ground: Ground, data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title("W1, W2: free times")
    houses = free_times.prepare(ground, data)
    free_times.check(houses, data)
    free_times.measure(ground, houses, data, max(options.rounds, 5))


def w3(ground: Ground, data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title("W3: the next free time of each calendar")
    house, right = next_free.prepare(ground, data)
    next_free.measure(ground, house, right, options.rounds)
    grown = next_free.grow(ground, house, right, options.times)
    next_free.measure(ground, house, grown, options.rounds)


def inserts(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title(f"Insert path: {insert_path.PROCESSES} processes, 10 calendars")
    house = make_house("insert-path", 10, 0, grid=30)
    times = bookable(house, 1_000 * options.rounds)
    found: dict[str, list[float]] = {}
    for number in range(options.rounds):
        mine = times[number * 1_000 : number * 1_000 + 1_000]
        for name, rate in {
            "bare INSERT by pgbench": partial(insert_path.bare, ground, f"bare-{number}"),
            "… with the NOTIFY of live updates": partial(insert_path.bare, ground, f"in-{number}", insert_path.TELL),
            "occupy, the one writer": partial(insert_path.one_writer, house, mine),
        }.items():
            found.setdefault(name, []).append(rate())
    report.table(["medians", "a second"], [(name, f"{median(rates):.0f}") for name, rates in found.items()])


def pages(ground: Ground, data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title("A booking by its parts")
    house, w1 = (
        make_house("parts", 10, 10, grid=30, own_room=True),
        one_practitioner(ground.databases.url("owner"), data),
    )
    times = bookable(house, 180)
    parts.measure(ground, house, w1, times[:120], options.rounds)
    split.measure(house, times[120 : 120 + 9 * options.rounds])
    report.title("Pages a second")
    throughput.measure(ground, house, w1, options.rounds)


def book(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title(f"W5: {book_page.COLUMNS} columns × {book_page.APPOINTMENTS} appointments")
    book_page.measure(book_page.prepare(ground), max(options.rounds, 5))


def search(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title(f"W6: search among {options.records:,} patients")
    patients.measure(patients.prepare(ground, options.records), options.rounds)


def imported(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title(f"An import of {options.lines:,} patients")
    imports.measure(imports.prepare(ground), options.lines)


def backup(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title("A personal backup")
    personal.measure(personal.prepare(ground, options.lines))


def w4(ground: Ground, _data: dict[str, Any], options: argparse.Namespace) -> None:
    report.title(f"W4: {booking.CLIENTS} clients, the same {TIMES:,} times of 10 calendars and rooms")
    rows: list[list[str | float]] = []
    for name, count, worker, own_order, fresh in (
        ("own order, fresh page", TIMES, False, True, True),
        ("… with the worker", TIMES, True, True, True),
        ("own order, blind", TIMES, False, True, False),
        ("same order, blind", TIMES, False, False, False),
        ("five times", FIVE, False, True, False),
    ):
        house = make_house(f"w4-{len(rows)}", 10, 10, grid=30, own_room=True)
        race = booking.Race(house, bookable(house, count), own_order, fresh, options.seconds)
        with place.serving(ground.databases, worker=worker) as program:
            processes = {name: one.pid for name, one in program.processes.items()}
            run = asyncio.run(race.race(program.url, processes | {"database": ground.cluster.process_id}))
        booking.check(ground, house, run)
        print(f"{name}: {dict(sorted(run.statuses.items()))}, no double", flush=True)
        rows.append(booking.row(name, run))
    report.table(booking.HEAD, rows)


ALL: dict[str, Callable[[Ground, dict[str, Any], argparse.Namespace], None]] = {
    "free": free, "w3": w3, "inserts": inserts, "pages": pages, "book": book, "patients": search,
    "import": imported, "backup": backup, "w4": w4,
}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", nargs="+", choices=ALL, default=list(ALL))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=30, help="the longest that a race of W4 lasts")
    arguments.add_argument("--times", type=int, default=10, help="W3: its calendars so many times over at last")
    arguments.add_argument("--records", type=int, default=200_000, help="W6: how many patients the practice has")
    arguments.add_argument("--lines", type=int, default=100_000, help="import, backup: how many patients there are")
    options = arguments.parse_args()
    data = engine.make(20270104)
    engine.check(data)
    with place.ground() as ground:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
        for name in options.only:
            ALL[name](ground, data, options)
    print(f"\nload after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
