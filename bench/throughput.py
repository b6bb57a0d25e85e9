"""How many pages a second two server processes give, each kind in turn."""

import asyncio
import time
from statistics import median

from . import report
from .client import Visitor
from .ground import Ground, serving
from .parts import UNIT
from .work import House

CLIENTS, SECONDS = 8, 1.5


async def rate(url: str, path: str) -> tuple[float, float]:
    """Answers a second and their median milliseconds, with a few clients that ask again at once."""
    taken: list[float] = []
    end = time.perf_counter() + SECONDS

    async def client(number: int) -> None:
        async with Visitor(url, number) as visitor:
            while time.perf_counter() < end:
                answer = await visitor.get(path)
                assert answer.status == 200, answer
                taken.append(answer.milliseconds)

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return len(taken) / SECONDS, median(taken)


def measure(ground: Ground, house: House, w1: House, rounds: int) -> None:
    """Prints the medians over the rounds."""
    pages = {
        "nothing": "/bench/empty/",
        UNIT: "/bench/one-query/",
        "W1 as JSON": f"/bench/{w1.slug}/{w1.type.reference}/thirteen-weeks/",
        "page of services": f"/book/{house.slug}/",
        "page of times": f"/book/{house.slug}/types/{house.type.reference}/",
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    with serving(ground.databases) as program:
        for _ in range(rounds):
            for name, path in pages.items():
                found[name].append(asyncio.run(rate(program.url, path)))
    unit = median(rate for rate, _ in found[UNIT])
    report.table(
        [f"{CLIENTS} clients, medians", "a second", "of one query", "p50 ms"],
        [
            (name, f"{median(rate for rate, _ in each):.0f}", f"{100 * median(rate for rate, _ in each) / unit:.0f} %",
             median(took for _, took in each))
            for name, each in found.items()
        ],
    )  # fmt: skip
