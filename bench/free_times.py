"""W1 and W2 with the database, as `app` under row security: right answers first, then medians in turn."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.availability import Offer

from . import report, work
from .engine import FIRST_DAY, many, one, to_utc
from .ground import Ground

WEEKS = {"W1": 13, "W2": 4, "W2 without rooms": 4}
GOALS = {"W1": "1.2", "W2": "12", "W2 without rooms": "12"}


def prepare(ground: Ground, data: dict[str, Any]) -> dict[str, work.House]:
    """The practices of W1 and W2, with fresh statistics as autovacuum would make them."""
    owner = ground.databases.url("owner")
    houses = {
        "W1": work.one_practitioner(owner, data),
        "W2": work.many_practitioners(owner, data, rooms=True),
        "W2 without rooms": work.many_practitioners(owner, data, rooms=False),
    }
    ground.tell("VACUUM ANALYZE")
    return houses


def offers(house: work.House, weeks: int) -> list[Offer]:
    """All free starts, by the product."""
    with acting(house.visitor):
        return work.all_starts(house.visitor, house.type, FIRST_DAY + timedelta(days=7 * weeks - 1))


def starts(house: work.House, weeks: int) -> list[list[int]]:
    """All free starts of each calendar."""
    by_calendar: dict[UUID, list[int]] = {calendar.id: [] for calendar in house.calendars}
    for offer in offers(house, weeks):
        by_calendar[offer.calendar_id].append(offer.start)
    return list(by_calendar.values())


def check(houses: dict[str, work.House], data: dict[str, Any]) -> None:
    """Stops with AssertionError unless every answer is the right one."""
    answers = data["answers"]
    right = {"W1": [answers["w1"]], "W2": answers["w2"], "W2 without rooms": answers["w2_without_rooms"]}
    for name, house in houses.items():
        found = starts(house, WEEKS[name])
        assert found == [[to_utc(at) for at in each] for each in right[name]], name
        print(f"{name}: {sum(map(len, found)):,} free starts, all right")


def measure(ground: Ground, houses: dict[str, work.House], data: dict[str, Any], rounds: int) -> None:
    """Memory alone, with the database, right after a change, and the least that a transaction as somebody costs."""

    def nothing() -> None:
        with acting(houses["W1"].visitor), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    memory = {
        "W1": one(data), "W2": many(data, with_rooms=True), "W2 without rooms": many(data, with_rooms=False)
    }  # fmt: skip
    measured: dict[str, Callable[[], object]] = {"one query": nothing}
    before: dict[str, Callable[[], object]] = {}
    for name, house in houses.items():
        measured[f"{name} in memory"] = memory[name]
        measured[name] = partial(offers, house, WEEKS[name])
        measured[f"{name} after a change"] = measured[name]
        change = f"SELECT raise_versions(ARRAY['{house.visitor.practice_id}'::uuid])"
        before[f"{name} after a change"] = partial(ground.tell, change)
    taken = report.in_turn(measured, rounds, before)
    unit = taken.pop("one query")
    report.table(
        [f"median of {rounds}, ms", "in memory", "with database", "× one query", "goal", "after a change", "×"],
        [
            (name, taken[f"{name} in memory"], taken[name], taken[name] / unit, GOALS[name],
             taken[f"{name} after a change"], taken[f"{name} after a change"] / unit)
            for name in houses
        ],
    )  # fmt: skip
    print(f"One query in a transaction as somebody: {unit:.2f} ms")
