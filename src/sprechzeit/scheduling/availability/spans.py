"""Sets of minutes as spans: sorted, apart from each other, half open, UTC minutes since 1970-01-01.

A set is read once from the left, so that asking for the first few times does not cost the whole year. A set of
*starts* holds the minutes at which something may begin.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

Minute = int
Span = tuple[Minute, Minute]

DAY = 1440
NEVER_BEGAN: Minute = -(2**40)
NEVER_ENDS: Minute = 2**40


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The set that `spans`, sorted by begin, cover together; what overlaps or touches becomes one."""
    reach_from, reach_to = NEVER_BEGAN, NEVER_BEGAN
    for begin, end in spans:
        if begin > reach_to:
            if reach_to > reach_from:
                yield reach_from, reach_to
            reach_from, reach_to = begin, end
        elif end > reach_to:
            reach_to = end
    if reach_to > reach_from:
        yield reach_from, reach_to


def starts_inside(spans: Iterable[Span], length: int) -> Iterator[Span]:
    """The starts from which `length` minutes lie in one of `spans` (CAL-9)."""
    for begin, end in spans:
        if end - begin >= length:
            yield begin, end - length + 1


def starts_beside(busy: Iterable[Span], before: int, after: int) -> Iterator[Span]:
    """The starts with `before` minutes ahead of them and `after` minutes from them on clear of `busy` (CAL-8).

    `busy` is sorted by begin; its spans may overlap, since a calendar may be overbooked.
    """
    earliest = NEVER_BEGAN
    for begin, end in busy:
        if begin - after >= earliest:
            yield earliest, begin - after + 1
        if end + before > earliest:
            earliest = end + before
    yield earliest, NEVER_ENDS


def outside(spans: Iterable[Span]) -> Iterator[Span]:
    """The minutes that do not lie in the set."""
    return starts_beside(spans, before=0, after=1)


def shared(ones: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """The minutes that lie in both sets. Stops reading where either ends."""
    ones, others = iter(ones), iter(others)
    one, other = next(ones, None), next(others, None)
    while one and other:
        begin = one[0] if one[0] > other[0] else other[0]  # max() takes three times as long
        if one[1] < other[1]:
            end, one = one[1], next(ones, None)
        else:
            end, other = other[1], next(others, None)
        if begin < end:
            yield begin, end


def end_around(spans: Sequence[Span], minute: Minute) -> Minute | None:
    """When the span ends in which `minute` lies; None where it lies in none."""
    found = bisect_right(spans, (minute, NEVER_ENDS)) - 1
    return spans[found][1] if found >= 0 and minute < spans[found][1] else None


def holds(spans: Sequence[Span], minute: Minute) -> bool:
    """Whether `minute` lies in the set."""
    return end_around(spans, minute) is not None
