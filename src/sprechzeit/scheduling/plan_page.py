"""The page of the plan: what it allows, what is used of it, what other plans have (PLAN-1, PLAN-3, PLAN-4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sprechzeit.access.actor import Actor
from sprechzeit.practice.errors import FEATURE_NAMES
from sprechzeit.practice.models import Practice
from sprechzeit.practice.models.facts import PLAN_NAMES
from sprechzeit.practice.plans import PLANS, Feature, Limits, Plan, limits_of, plans_with
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of, rooms_in_use
from sprechzeit.scheduling.queries.months import Use, use_of_months

EXPLAINED: dict[Feature, Promise] = {
    Feature.DELEGATED_BOOKING: gettext_lazy(
        "Somebody who is no member, an answering service for example, books appointments for chosen practitioners."
    ),
    Feature.ALL_AREAS: gettext_lazy(
        "Delegated access to documentation, invoicing, reports and finance too, not to scheduling alone."
    ),
    Feature.EXTERNAL_SCHEDULERS: gettext_lazy("Another program leads the calendar, and this one follows it."),
}
NAMES: dict[Plan, str | Promise] = {Plan(value): name for value, name in PLAN_NAMES}


@dataclass(frozen=True, slots=True)
class Row:
    """What one practitioner has in a month. `limit`: None for none; `near`: it is time to tell."""

    use: Use
    used: int
    limit: int | None
    near: bool

    @property
    def left(self) -> int:
        """How many more there may be."""
        return max((self.limit or 0) - self.used, 0)

    @property
    def percent(self) -> int:
        """How full the month is, for the bar."""
        return min(100, self.used * 100 // self.limit) if self.limit else 0


@dataclass(frozen=True, slots=True)
class Month:
    """A month with what everybody has in it, and what is to be said of it."""

    title: str
    rows: Sequence[Row]
    warnings: Sequence[str]


def plan_page(actor: Actor) -> dict[str, Any]:
    """All that the page shows, of the practice's own use and of the one table."""
    practice = practice_of(actor)
    plan, limits = Plan(practice.plan), limits_of(practice.plan)
    today = timezone.now().astimezone(practice.zone).date()
    uses = use_of_months(actor, today, following(today))
    rooms = rooms_in_use(actor)
    return {
        "plan": NAMES[plan],
        "months": [_month(first, uses, plan) for first in months_from(today)],
        "allows": ", ".join(_allowed(limits)),
        "rooms": rooms,
        "rooms_limit": limits.rooms,
        "rooms_closed": max(0, rooms - limits.rooms) if limits.rooms is not None else 0,
        "cards": list(_cards(plan)),
        "features": list(_features(plan)),
    }


def months_from(today: date) -> list[date]:
    """This month and the next, by their first days."""
    return [today.replace(day=1), following(today).replace(day=1)]


def following(day: date) -> date:
    """A day of the next month."""
    return day.replace(day=28) + timedelta(days=7)


def _month(first: date, uses: Sequence[Use], plan: Plan) -> Month:
    limits = limits_of(plan)
    rows = [Row(one, one.months[first], limits.appointments, one.is_near(first, limits)) for one in uses]
    warnings = [warning(plan, row.use.name, first, row.used) for row in rows if row.near]
    return Month(date_format(first, "YEAR_MONTH_FORMAT"), rows, warnings)


def warning_for(actor: Actor, practice: Practice, day: date) -> str:
    """Who is near the limit in the month of a day, in a line for administrators; empty where nobody is.

    Without a limit nothing is asked of the database.
    """
    limits, month = limits_of(practice.plan), day.replace(day=1)
    if limits.appointments is None or not may_change_practice(actor):
        return ""
    near = [one for one in use_of_months(actor, day, day) if one.is_near(month, limits)]
    counts = [
        _("%(name)s (%(used)s of %(limit)s)")
        % {"name": one.name, "used": one.months[month], "limit": limits.appointments}
        for one in near
    ]
    facts = {"month": date_format(month, "YEAR_MONTH_FORMAT"), "names": ", ".join(counts)}
    return _("The plan's limit of appointments in %(month)s is near or reached: %(names)s.") % facts if near else ""


def warning(plan: Plan, name: str, month: date, used: int) -> str:
    """'Jonas Petersen has 24 of 30 appointments in November 2026 …'"""
    limit = limits_of(plan).appointments or 0
    facts = {"name": name, "used": used, "limit": limit, "month": date_format(month, "YEAR_MONTH_FORMAT")}
    if used >= limit:
        words = ngettext(
            "%(name)s has %(used)s appointment in %(month)s; the plan allows %(limit)s. New ones in this month are "
            "refused, and online nothing of this month is offered.",
            "%(name)s has %(used)s appointments in %(month)s; the plan allows %(limit)s. New ones in this month are "
            "refused, and online nothing of this month is offered.",
            used,
        )
    else:
        words = ngettext(
            "%(name)s has %(used)s of %(limit)s appointment in %(month)s. After that new ones in this month are "
            "refused, and online nothing of this month is offered.",
            "%(name)s has %(used)s of %(limit)s appointments in %(month)s. After that new ones in this month are "
            "refused, and online nothing of this month is offered.",
            limit,
        )
    return words % facts


def _allowed(limits: Limits) -> Iterator[str]:
    yield _appointments(limits.appointments)
    yield _rooms(limits.rooms)


def _appointments(most: int | None) -> str:
    if most is None:
        return _("Appointments without limit")
    return ngettext("%(n)s appointment a month", "%(n)s appointments a month", most) % {"n": most}


def _rooms(most: int | None) -> str:
    if most is None:
        return _("Rooms without limit")
    return ngettext("%(count)s room", "%(count)s rooms", most) % {"count": most}


def _cards(own: Plan) -> Iterator[dict[str, Any]]:
    """Every plan as the table has it; unlimited is shown to who has it."""
    for plan, limits in PLANS.items():
        if plan is Plan.UNLIMITED and own is not plan:
            continue
        lines: list[tuple[bool, str | Promise]] = [(True, one) for one in _allowed(limits)]
        lines += [(feature in limits.features, name) for feature, name in FEATURE_NAMES.items()]
        yield {"name": NAMES[plan], "is_own": plan is own, "lines": lines}


def _features(own: Plan) -> Iterator[dict[str, Any]]:
    for feature, name in FEATURE_NAMES.items():
        yield {
            "name": name,
            "what": EXPLAINED[feature],
            "has": feature in limits_of(own).features,
            "least": NAMES[plans_with(feature)[0]],
        }
