"""How results are printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from time import perf_counter


def title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def table(head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> None:
    """The first column to the left, numbers to the right with two decimals."""
    cells = [list(head), *([one if isinstance(one, str) else f"{one:,.2f}" for one in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for first, *others in cells:
        rest = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  ".join([first.ljust(widths[0]), *rest]).rstrip())
    print(end="", flush=True)


def percentile(values: Sequence[float], percent: int) -> float:
    """Of values in any order; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


def in_turn(
    measured: dict[str, Callable[[], object]], rounds: int, before: Mapping[str, Callable[[], object]] | None = None
) -> dict[str, float]:
    """Median milliseconds of each, one after another in every round, so that noise meets all alike.

    What is to happen `before` one of them is not measured.
    """
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, run in measured.items():
            if before and name in before:
                before[name]()
            begin = perf_counter()
            run()
            taken[name].append((perf_counter() - begin) * 1000)
    return {name: median(values) for name, values in taken.items()}
