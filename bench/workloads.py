#!/usr/bin/env python3
"""The measured work: deterministic data and the right answers, by brute force.

    workloads.py OUT.json [--seed N]

Times are minutes of local wall clock in Europe/Berlin since Monday 2027-01-04 00:00; thirteen weeks, with the
change to summer time on 2027-03-28 inside. Working hours Mon-Fri 08-12 and 13-17. Appointments last 30 minutes
and start on a 15-minute grid. A time is free if its 30 minutes lie in working time and touch no appointment.

`answers` holds the free starts: w1, w2 (a room must be free for the whole time), w2_without_rooms, and w3_next.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

BLOCKS = ((8 * 60, 12 * 60), (13 * 60, 17 * 60))
DAY, WEEK, GRID, LENGTH = 1440, 7 * 1440, 15, 30


def fill(rng: random.Random, weeks: int, share_of_week: Callable[[int], float]) -> list[list[int]]:
    """Walk each half day: book 30 minutes with the chance that fills the wanted share, else skip 15."""
    taken: list[list[int]] = []
    for week in range(weeks):
        share = share_of_week(week)
        chance = share / (2 - share)
        for day in range(5):
            midnight = week * WEEK + day * DAY
            for begin, end in BLOCKS:
                at = begin
                while at + LENGTH <= end:
                    if rng.random() < chance:
                        taken.append([midnight + at, midnight + at + LENGTH])
                        at += LENGTH
                    else:
                        at += GRID
    return taken


def in_working_time(at: int) -> bool:
    minute, day = at % DAY, at // DAY % 7
    return day < 5 and any(begin <= minute and minute + LENGTH <= end for begin, end in BLOCKS)


def free_starts(taken: list[list[int]], weeks: int) -> Iterator[int]:
    busy = {minute for begin, end in taken for minute in range(begin, end, 5)}
    for at in range(0, weeks * WEEK, GRID):
        if in_working_time(at) and not any(at + k in busy for k in range(0, LENGTH, 5)):
            yield at


def main() -> None:
    args = argparse.ArgumentParser()
    args.add_argument("out")
    args.add_argument("--seed", type=int, default=20270104)
    options = args.parse_args()
    rng = random.Random(options.seed)
    w1 = fill(rng, 13, lambda _: 0.60)
    practitioners = [fill(rng, 4, lambda _: 0.60) for _ in range(20)]
    rooms = [fill(rng, 4, lambda _: 0.60) for _ in range(6)]
    w3 = [fill(rng, 13, lambda week: 0.97 if week < 4 else 0.60) for _ in range(1000)]
    room_free: set[int] = set().union(*(free_starts(room, 4) for room in rooms))
    alone = [list(free_starts(one, 4)) for one in practitioners]
    answers: dict[str, Any] = {
        "w1": list(free_starts(w1, 13)),
        "w2_without_rooms": alone,
        "w2": [[at for at in starts if at in room_free] for starts in alone],
        "w3_next": [next(free_starts(one, 13), None) for one in w3],
    }
    with open(options.out, "w") as out:
        json.dump({"w1": w1, "w2_practitioners": practitioners, "w2_rooms": rooms, "w3": w3, "answers": answers}, out)
    sizes = {key: sum(map(len, answers[key])) for key in ("w2", "w2_without_rooms")}
    appointments = len(w1), *(sum(map(len, busy)) for busy in (practitioners, rooms, w3))
    print("w1", len(answers["w1"]), sizes, "appointments", *appointments)


if __name__ == "__main__":
    main()
