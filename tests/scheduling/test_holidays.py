"""Public holidays of a state (CAL-3)."""

from datetime import date

import pytest
from django.utils.translation import override

from sprechzeit.scheduling.holidays import holidays_between

pytestmark = pytest.mark.req("CAL-3")


def names(region: str, first: date, last: date) -> dict[str, str]:
    return {day.isoformat(): name for day, name in holidays_between(region, first, last).items()}


@pytest.mark.parametrize(
    ("region", "closed"),
    [("DE-NW", True), ("DE-BY", True), ("DE-BE", False), ("AT-9", True), ("CH-LU", True), ("CH-ZH", False)],
)
def test_corpus_christi_is_a_matter_of_the_state(region: str, closed: bool) -> None:
    assert bool(holidays_between(region, date(2027, 5, 27), date(2027, 5, 27))) is closed


def test_both_ends_count_and_the_year_may_turn() -> None:
    with override("de"):
        assert names("DE-NW", date(2026, 12, 26), date(2027, 1, 1)) == {
            "2026-12-26": "Zweiter Weihnachtstag",
            "2027-01-01": "Neujahr",
        }


def test_names_are_in_the_readers_language() -> None:
    with override("en"):
        assert names("DE-NW", date(2027, 1, 1), date(2027, 1, 31)) == {"2027-01-01": "New Year's Day"}


def test_without_a_region_there_are_none() -> None:
    assert holidays_between("", date(2027, 1, 1), date(2027, 12, 31)) == {}


def test_what_comes_of_it_can_be_changed_without_harm() -> None:
    holidays_between("DE-NW", date(2027, 1, 1), date(2027, 12, 31)).clear()
    assert holidays_between("DE-NW", date(2027, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize("region", ["XX", "DE-XX", "nowhere"])
def test_an_unknown_region_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="no region"):
        holidays_between(region, date(2027, 1, 1), date(2027, 1, 2))
