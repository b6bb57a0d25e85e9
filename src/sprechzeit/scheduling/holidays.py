"""Public holidays of a state (CAL-3). Pure but for the language of their names, which is the reader's."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays
from django.utils.translation import get_language

_LANGUAGES = {"de": "de", "en": "en_US"}


def holidays_between(region: str, first: date, last: date) -> dict[date, str]:
    """The public holidays from `first` to `last`, both included, in order, with their names.

    `region`: country and state (ISO 3166-2, 'DE-NW'), or a country; none has no holidays. Raises ValueError for one
    that is not known.
    """
    if not region:
        return {}
    language = _LANGUAGES.get((get_language() or "de")[:2], "de")
    days = (_of_year(region, year, language) for year in range(first.year, last.year + 1))
    return {day: name for year in days for day, name in year.items() if first <= day <= last}


@lru_cache(maxsize=512)
def _of_year(region: str, year: int, language: str) -> Mapping[date, str]:
    country, _, state = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=state or None, years=year, language=language)
    except NotImplementedError as error:
        raise ValueError(f"no region with known holidays: {region!r}") from error
    return MappingProxyType(dict(sorted(found.items())))
