"""Dates of birth as other programs write them."""

import re
from collections.abc import Iterable
from datetime import date

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST)
OLDEST = date(1890, 1, 1)
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan jaenner", "feb", "mar mrz maer", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct",
         "nov", "dez dec"),
        1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?( ?(Z|[AP]M|[+-][0-9:]+))?$", re.IGNORECASE)
_NONE = re.compile(r"[-./ 0]*|(00[./-]00[./-]0000)|n/?a|null|unbekannt|unknown", re.IGNORECASE)
_NAMED = re.compile(r"([0-9]{1,2})[. ]+([A-Za-zäÄ]{3,})[. ]+([0-9]{4})")
_PLAIN = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def read_date(text: str, order: str, today: date) -> date | None:
    """The date that a cell says; None for an empty one. Raises ValueError for what is none, or nobody's birthday."""
    plain = _TIME.sub("", text.strip())
    if _NONE.fullmatch(plain):
        return None
    found = date(*_parts(plain, order, today))
    if not OLDEST <= found <= today:
        raise ValueError(text)
    return found


def _parts(plain: str, order: str, today: date) -> tuple[int, int, int]:
    """Year, month, day. Four figures in front are a year, whatever the order of the others."""
    if named := _NAMED.fullmatch(plain):
        named_day, name, named_year = named.groups()
        found = _MONTHS.get(name.casefold().replace("ä", "ae")[:4]) or _MONTHS.get(name.casefold()[:3])
        if found is None:
            raise ValueError(plain)
        return int(named_year), found, int(named_day)
    if written := _PLAIN.fullmatch(plain):
        return int(written[1]), int(written[2]), int(written[3])
    parts = re.split(r"\s*[-./]\s*", plain)
    if len(parts) != 3 or not all(re.fullmatch("[0-9]{1,4}", one) for one in parts):
        raise ValueError(plain)
    if len(parts[0]) == 4:
        order = YEAR_FIRST
    year, month, day = (parts[order.index(one)] for one in "ymd")
    if len(year) == 3 or max(len(month), len(day)) > 2:
        raise ValueError(plain)
    return _year(year, today), int(month), int(day)


def _year(text: str, today: date) -> int:
    """Of two figures the last such year that has begun."""
    if len(text) == 4:
        return int(text)
    year = today.year // 100 * 100 + int(text)
    return year if year <= today.year else year - 100


def possible_orders(texts: Iterable[str], today: date) -> list[str]:
    """The orders in which most of these texts are dates, the usual one first. More than one: they do not tell.

    '03.02.1980' is written day first; '03/02/1980' may be either.
    """
    fits = dict.fromkeys(ORDERS, 0)
    total = 0
    for text in texts:
        readings = {order: _fits(text, order, today) for order in ORDERS}
        total += any(readings.values())
        for order, is_one in readings.items():
            fits[order] += is_one
    most = max(fits.values())
    best = [order for order in ORDERS if fits[order] == most] if total else [DAY_FIRST]
    return best[:1] if len(best) == len(ORDERS) else best


def _fits(text: str, order: str, today: date) -> bool:
    if "." in text and order == MONTH_FIRST:
        return False
    try:
        return read_date(text, order, today) is not None
    except ValueError:
        return False
