"""What each step of a booking costs: how many statements, how long in the database, how long over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlsplit

from sprechzeit.core.ids import new_id

from . import report
from .booking import person
from .client import Answer, Visitor
from .ground import Ground, serving
from .work import House, Time

# One line for each message to the server; a statement is one that runs: of the extended protocol only `execute`.
LOGGED = re.compile(r"duration: ([\d.]+) ms  (parse|bind|execute|statement)[^:]*: ([^\n]*)")
UNIT = "one query"


@dataclass
class Step:
    """What one kind of request took, each time."""

    milliseconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    in_database: list[float] = field(default_factory=list)


async def booking(
    visitor: Visitor, house: House, w1: House, one: Time, number: int
) -> AsyncIterator[tuple[str, int, Answer]]:
    """A visitor's whole way through one booking, beside it the pages to compare with: name, status due, answer."""
    base = f"/book/{house.slug}/types/{house.type.reference}/"
    yield "nothing", 200, await visitor.get("/bench/empty/")
    yield UNIT, 200, await visitor.get("/bench/one-query/")
    yield "W1 as JSON", 200, await visitor.get(f"/bench/{w1.slug}/{w1.type.reference}/thirteen-weeks/")
    yield "page of times", 200, await visitor.get(f"{base}?day={one.starts_at:%Y-%m-%d}")
    held = await visitor.post(f"{base}holds/", start=one.value, key=str(new_id()))
    yield "hold", 303, held
    path = urlsplit(held.location).path
    yield "page of details", 200, await visitor.get(path)
    yield "confirm", 303, await visitor.post(path, **person(number))
    yield "page of done", 200, await visitor.get(f"{path}done/")
    yield "conflict", 409, await visitor.post(f"{base}holds/", start=one.value, key=str(new_id()))


async def walk(ground: Ground, url: str, house: House, w1: House, times: Sequence[Time]) -> dict[str, Step]:
    """Book `times` one after another, and note what each request took."""
    steps: dict[str, Step] = {}
    async with Visitor(url, 1) as visitor:
        log = Log(ground)
        for number, one in enumerate(times):
            async for name, due, answer in booking(visitor, house, w1, one, 2 * number):
                assert answer.status == due, (name, answer)
                step = steps.setdefault(name, Step())
                step.milliseconds.append(answer.milliseconds)
                lines = log.lines()
                step.statements.append(sum(kind in {"execute", "statement"} for _, kind, _ in lines))
                step.in_database.append(sum(float(took) for took, _, _ in lines))
    return steps


class Log:
    """What the server wrote since it was last asked."""

    def __init__(self, ground: Ground) -> None:
        self._file = ground.cluster.log.open(errors="replace")
        self._file.seek(0, 2)

    def lines(self) -> list[tuple[str, str, str]]:
        return LOGGED.findall(self._file.read())


@contextmanager
def logged(ground: Ground) -> Iterator[None]:
    """The server writes down each statement of connections made now."""
    ground.tell("ALTER DATABASE sprechzeit SET log_min_duration_statement = 0")
    try:
        yield
    finally:
        ground.tell("ALTER DATABASE sprechzeit RESET log_min_duration_statement")


def measure(ground: Ground, house: House, w1: House, times: Sequence[Time], rounds: int) -> None:
    """Counted with one server process that logs; timed with as many as are usual, which do not."""
    middle = len(times) // 2
    with logged(ground), serving(ground.databases, workers=1) as program:
        counted = asyncio.run(walk(ground, program.url, house, w1, times[:middle][: 3 * rounds]))
    with serving(ground.databases) as program:
        timed = asyncio.run(walk(ground, program.url, house, w1, times[middle:][: 9 * rounds]))
    unit = median(timed[UNIT].milliseconds)
    report.table(
        ["one client, median", "ms", "× one query", "statements", "ms in database"],
        [
            (name, median(step.milliseconds), median(step.milliseconds) / unit,
             f"{median(counted[name].statements):.0f}", median(counted[name].in_database))
            for name, step in timed.items()
        ],
    )  # fmt: skip
