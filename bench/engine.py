"""W1 and W2, the engine alone: checks the right answers, then prints medians against the slow oracle.

    python -m bench.engine [--seed N] [--rounds N]

Both are measured in turn in one run; only the ratio means something on a noisy machine. The work is that of
bench/workloads.py. The oracle answers W1 with the same rules, minute by minute.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sprechzeit.scheduling.availability import (
    Block,
    CalendarTime,
    Offer,
    RoomTime,
    Rules,
    Span,
    day_period,
    next_offers,
    offers,
    working_spans,
)
from tests.scheduling import oracle

ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2027, 1, 4)
WEEK = tuple(Block(day, begin * 60, end * 60) for day in range(5) for begin, end in ((8, 12), (13, 17)))
RULES = Rules(duration=30, grid=15, horizon_days=365)


def make(seed: int) -> dict[str, Any]:
    """The data and the right answers, as the workloads script writes them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "work.json"
        script = Path(__file__).with_name("workloads.py")
        subprocess.run([sys.executable, script, out, "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
        work: dict[str, Any] = json.loads(out.read_text())
        return work


def weeks(count: int) -> Span:
    return day_period(ZONE, FIRST_DAY, FIRST_DAY + timedelta(days=7 * count - 1))


def to_utc(wall: int) -> int:
    """Minutes of wall clock since the first Monday, as the workloads have them, in UTC minutes."""
    day, minute = divmod(wall, 1440)
    return day_period(ZONE, (on := FIRST_DAY + timedelta(days=day)), on)[0] + minute


def spans(wall: list[list[int]]) -> list[Span]:
    return [(to_utc(begin), to_utc(end)) for begin, end in wall]


def calendar(
    number: int, busy: list[Span], working: tuple[Span, ...], rooms: tuple[RoomTime, ...] = ()
) -> CalendarTime:
    return CalendarTime(UUID(int=number), replace(RULES, needs_room=bool(rooms)), working, busy, rooms)


def working(count: int) -> tuple[Span, ...]:
    return working_spans(WEEK, ZONE, FIRST_DAY, FIRST_DAY + timedelta(days=7 * count - 1))


def one(work: dict[str, Any]) -> Callable[[], list[Offer]]:
    """W1: 1 practitioner, 13 weeks. Working time is computed anew each time, as a request would."""
    busy, period = spans(work["w1"]), weeks(13)
    return lambda: offers([calendar(0, busy, working(13))], period, now=period[0], zone=ZONE)


def many(work: dict[str, Any], *, with_rooms: bool) -> Callable[[], list[Offer]]:
    """W2: 20 practitioners, 4 weeks, and 6 rooms or none."""
    busy, period = [spans(each) for each in work["w2_practitioners"]], weeks(4)
    rooms = tuple(RoomTime(UUID(int=100 + i), spans(room)) for i, room in enumerate(work["w2_rooms"]))

    def run() -> list[Offer]:
        book = [calendar(i, each, working(4), rooms if with_rooms else ()) for i, each in enumerate(busy)]
        return offers(book, period, now=period[0], zone=ZONE)

    return run


def first_of_many(work: dict[str, Any]) -> Callable[[], list[Offer]]:
    """The first 20 by time of W2, with rooms."""
    busy, period = [spans(each) for each in work["w2_practitioners"]], weeks(4)
    rooms = tuple(RoomTime(UUID(int=100 + i), spans(room)) for i, room in enumerate(work["w2_rooms"]))

    def run() -> list[Offer]:
        book = [calendar(i, each, working(4), rooms) for i, each in enumerate(busy)]
        return next_offers(book, 20, period, now=period[0], zone=ZONE)

    return run


def slow_one(work: dict[str, Any]) -> Callable[[], object]:
    """W1 by the oracle, which starts with nothing remembered."""
    busy, period = tuple(spans(work["w1"])), weeks(13)
    week = tuple(oracle.Weekly(block.weekday, block.start, block.end) for block in WEEK)
    case = oracle.Case(ZONE, period[0], period, week, busy=busy, horizon_days=365)

    def run() -> object:
        oracle.wall_clock.cache_clear()
        oracle.works.cache_clear()
        return oracle.free_starts(case)

    return run


def check(work: dict[str, Any]) -> None:
    """Stops with AssertionError unless every answer is the right one."""
    answers = work["answers"]
    assert [offer.start for offer in one(work)()] == [to_utc(at) for at in answers["w1"]], "W1"
    for key, with_rooms in (("w2", True), ("w2_without_rooms", False)):
        by_calendar: dict[UUID, list[int]] = {UUID(int=number): [] for number in range(20)}
        for offer in many(work, with_rooms=with_rooms)():
            by_calendar[offer.calendar_id].append(offer.start)
        assert list(by_calendar.values()) == [[to_utc(at) for at in starts] for starts in answers[key]], key
    assert first_of_many(work)() == many(work, with_rooms=True)()[:20], "first 20"


def milliseconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=20270104)
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    work = make(options.seed)
    check(work)
    measured: dict[str, Callable[[], object]] = {
        "W1": one(work),
        "W2": many(work, with_rooms=True),
        "W2 without rooms": many(work, with_rooms=False),
        "W2 first 20": first_of_many(work),
        "W1 by the oracle": slow_one(work),
    }
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(max(options.rounds, 5)):
        for name, run in measured.items():
            taken[name].append(milliseconds(run))
    print("answers right; median ms:")
    for name, values in taken.items():
        print(f"  {name:18} {median(values):9.3f}")
    print(f"  oracle / engine    {median(taken['W1 by the oracle']) / median(taken['W1']):9.0f}")


if __name__ == "__main__":
    main()
