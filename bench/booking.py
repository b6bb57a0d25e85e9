"""W4: a hundred clients book over HTTP from the same 1,000 times, and whether a time was ever taken twice."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

import psutil

from sprechzeit.core.ids import new_id

from . import report
from .client import Answer, Visitor
from .ground import Ground
from .work import House, Time

CLIENTS = 100
ALLOWED = {303, 409}
SEE_OTHER = 303
OVERLAPS = """
    SELECT count(*) FROM scheduling_occupancy a JOIN scheduling_occupancy b
        ON a.id < b.id AND (a.calendar_id = b.calendar_id OR a.space_id = b.space_id)
       AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
     WHERE a.active AND b.active AND a.practice_id = %s
"""


@dataclass
class Run:
    """What a hundred clients met."""

    booked: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    client_seconds: float = 0.0
    booked_at: list[float] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)

    def count(self, answer: Answer) -> Answer:
        self.statuses[answer.status] += 1
        return answer

    @property
    def first_half(self) -> float:
        """Bookings a second until half of what was booked was booked: before most tries meet a taken time."""
        half = self.booked_at[: len(self.booked_at) // 2]
        return len(half) / half[-1] if half else 0.0


@dataclass
class Race:
    """One run: the times, in each client's order, and who knows what.

    `fresh`: a client leaves out what any client was already told is taken, as its page of times would, loaded
    before each try. Otherwise it walks down its own list blindly and meets a conflict for all that is taken.
    """

    house: House
    times: Sequence[Time]
    own_order: bool
    fresh: bool
    seconds: float
    run: Run = field(default_factory=Run)
    gone: set[str] = field(default_factory=set)
    people: ClassVar[Iterator[int]] = itertools.count()  # other people in each race: an e-mail address books 5 an hour

    def order(self, number: int) -> Sequence[Time]:
        order = list(self.times)
        if self.own_order:
            random.Random(number).shuffle(order)
        return order

    def tries(self, number: int, begin: float) -> Iterator[Time]:
        for one in self.order(number):
            if len(self.run.booked) == len(self.times) or time.perf_counter() - begin > self.seconds:
                return
            if not (self.fresh and one.value in self.gone):
                yield one

    async def client(self, url: str, number: int, begin: float) -> None:
        """Book one time after another."""
        async with Visitor(url, number) as visitor:
            for one in self.tries(number, begin):
                await self.book(visitor, one, begin)

    async def book(self, visitor: Visitor, one: Time, begin: float) -> None:
        """The whole booking: keep the time, then say who comes."""
        hold_url = f"/book/{self.house.slug}/types/{self.house.type.reference}/holds/"
        held = self.run.count(await visitor.post(hold_url, start=one.value, key=str(new_id())))
        self.gone.add(one.value)
        if held.status != SEE_OTHER:
            self.run.taken.append(held.milliseconds)
            return
        done = self.run.count(await visitor.post(urlsplit(held.location).path, **person(next(self.people))))
        if done.status == SEE_OTHER:
            self.run.booked.append(held.milliseconds + done.milliseconds)
            self.run.booked_at.append(time.perf_counter() - begin)

    async def race(self, url: str, processes: Mapping[str, int]) -> Run:
        """All clients at once. `processes`: by what they do, whose time on the processors is to be told."""
        begin, busy = time.perf_counter(), time.process_time()
        before = {name: on_processors(number) for name, number in processes.items()}
        await asyncio.gather(*(self.client(url, number, begin) for number in range(CLIENTS)))
        self.run.seconds, self.run.client_seconds = time.perf_counter() - begin, time.process_time() - busy
        self.run.spent = {name: on_processors(number) - before[name] for name, number in processes.items()}
        return self.run


def on_processors(process_id: int) -> float:
    """Seconds that a process and all that it started, ended or not, have had of the processors."""
    whole = psutil.Process(process_id)
    seconds = 0.0
    for one in (whole, *whole.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # ended since: its parent has it
            seconds += sum(one.cpu_times()[:4])
    return seconds


def person(number: int) -> dict[str, str]:
    """Each comes twice, so that every other patient is found and not made."""
    number //= 2
    return {
        "first_name": f"Paula{number}",
        "last_name": f"Sommer{number % 97}",
        "date_of_birth": f"{1 + number % 28:02}.{1 + number % 12:02}.{1950 + number % 50}",
        "email": f"paula{number}@example.org",
        "insurance": "statutory",
        "privacy": "on",
    }


def check(ground: Ground, house: House, run: Run) -> None:
    """Stops with AssertionError unless everything is there once: no double, no error, nothing half done."""
    practice = house.system.practice_id
    assert set(run.statuses) <= ALLOWED, run.statuses
    assert ground.ask(OVERLAPS, practice) == 0, "doubles"
    booked = len(run.booked)
    assert booked, "a race in which nobody books shows nothing"
    counts = {
        "appointments": ground.ask("SELECT count(*) FROM scheduling_appointment WHERE practice_id = %s", practice),
        "occupancies": ground.ask(
            "SELECT count(*) FROM scheduling_occupancy WHERE practice_id = %s AND active AND kind = 'appointment'",
            practice,
        ),
        "jobs": ground.ask(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'messages.send_booked' "
            "AND args ->> 'practice_id' = %s",
            str(practice),
        ),
        "entries of the log": ground.ask(
            "SELECT count(*) FROM audit_entry WHERE practice_id = %s AND operation = 'insert' "
            "AND table_name = 'scheduling_appointment'",
            practice,
        ),
    }
    assert counts == dict.fromkeys(counts, booked), (booked, counts)


HEAD = (
    "", "booked", "seconds", "booked/s", "first half/s", "conflicts", "p50 ms", "p95", "p99", "409 p50", "client's CPU",
    "CPU ms an answer: pages", "database", "worker",
)  # fmt: skip


def row(name: str, run: Run) -> list[str | float]:
    """For the table; latencies are those of a whole booking, and of a conflict's answer. Other work on the machine
    makes times longer, the processors' time much less: it compares what was not measured in turn."""
    return [
        name, str(len(run.booked)), run.seconds, len(run.booked) / run.seconds, run.first_half, str(len(run.taken)),
        *(report.percentile(run.booked, percent) for percent in (50, 95, 99)), report.percentile(run.taken, 50),
        f"{100 * run.client_seconds / run.seconds:.0f} %",
        *(1000 * run.spent.get(name, 0) / run.statuses.total() for name in ("web", "database", "worker")),
    ]  # fmt: skip
