"""What each plan allows: the one table (PLAN-1). Pure: no Django, no models.

The database is given the limits by a migration (practice/plan_limits.py), the page of the plan shows them, and a
feature is asked for by `practice.policy.require_feature`. A test compares table and database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sprechzeit.access.table import Area


class Plan(StrEnum):
    """S, M, L, XL, XXL; unlimited is what an installation gives its practices if nobody says otherwise."""

    S = "S"
    M = "M"
    L = "L"
    XL = "XL"
    XXL = "XXL"
    UNLIMITED = "unlimited"


class Feature(StrEnum):
    """What not every plan has. What is not named here, communities among it, is in all of them."""

    DELEGATED_BOOKING = "delegated_booking"
    ALL_AREAS = "all_areas"
    EXTERNAL_SCHEDULERS = "external_schedulers"


@dataclass(frozen=True, slots=True)
class Limits:
    """`appointments`: in a calendar month, of one practitioner; `rooms`: in use. None: as many as one likes."""

    appointments: int | None
    rooms: int | None
    features: frozenset[Feature] = frozenset()

    def warns_at(self) -> int | None:
        """From how many appointments on the practice is told: 80 % (PLAN-3)."""
        return None if self.appointments is None else -(-self.appointments * 4 // 5)


_BOOKING = frozenset({Feature.DELEGATED_BOOKING})
_EVERYTHING = frozenset(Feature)

PLANS: Mapping[Plan, Limits] = {
    Plan.S: Limits(appointments=30, rooms=1),
    Plan.M: Limits(appointments=100, rooms=2),
    Plan.L: Limits(appointments=None, rooms=3, features=_BOOKING),
    Plan.XL: Limits(appointments=None, rooms=4, features=_EVERYTHING),
    Plan.XXL: Limits(appointments=None, rooms=8, features=_EVERYTHING),
    Plan.UNLIMITED: Limits(appointments=None, rooms=None, features=_EVERYTHING),
}


def limits_of(plan: str) -> Limits:
    """What a plan allows. Raises ValueError for what is none."""
    return PLANS[Plan(plan)]


def plans_with(feature: Feature) -> list[Plan]:
    """The plans that have a feature, the smallest first."""
    return [plan for plan, limits in PLANS.items() if feature in limits.features]


def feature_for(area: Area) -> Feature:
    """What a plan must have for delegated access to an area."""
    return Feature.DELEGATED_BOOKING if area is Area.SCHEDULING else Feature.ALL_AREAS


def areas_of(plan: str) -> list[Area]:
    """The areas of delegated access that a plan has."""
    return [area for area in Area if feature_for(area) in limits_of(plan).features]
