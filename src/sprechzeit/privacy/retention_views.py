"""Settings → Retention: how long what is kept, what is over, and what was deleted (PRI-20, PRI-21)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.privacy.actions import set_periods
from sprechzeit.privacy.forms import PeriodsForm
from sprechzeit.privacy.models import DeletionReport
from sprechzeit.privacy.periods import KEEPINGS, OF_RECORDS_YEARS, SET_BY_PRACTICE, Kind
from sprechzeit.privacy.policy import may_set_periods
from sprechzeit.privacy.queries import over, periods_of, reports_of
from sprechzeit.ui.settings import saved

DAYS_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def retention(request: ActorRequest) -> HttpResponse:
    """The periods, with what is over now. What a shorter one deletes at once is said before it is saved."""
    require(may_set_periods(request.actor), NotAllowed)
    periods = periods_of(request.actor)
    data = request.POST if request.method == "POST" else None
    form = PeriodsForm(data, initial={str(kind): periods[kind].days for kind in SET_BY_PRACTICE})
    more: Mapping[Kind, int] = {}
    if data is not None and form.is_valid():
        require_fresh(request)
        more = _deletes(request, form.days())
        if not more or data.get("agreed") == _said(form.days()):
            set_periods(request.actor, form.days())
            return saved(request, reverse("privacy:retention"))
    context = {
        "form": form,
        "rows": list(_rows(request, form, periods)),
        "shortened": [_counted(kind, many) for kind, many in more.items()],
        "agreed": _said(form.days()) if more else "",
        "years": OF_RECORDS_YEARS,
        "reports": [_told(request, one) for one in reports_of(request.actor, DAYS_SHOWN)],
        "days_shown": DAYS_SHOWN,
    }
    return render(request, "privacy/retention.html", context, status=422 if form.errors or more else 200)


def _deletes(request: ActorRequest, days: Mapping[Kind, int]) -> Mapping[Kind, int]:
    """What these periods delete the next time that the present ones would leave."""
    now = timezone.now()
    known, wanted = over(request.actor, now), over(request.actor, now, days)
    return {kind: many - known[kind] for kind, many in wanted.items() if many > known[kind]}


def _said(days: Mapping[Kind, int]) -> str:
    """To what somebody agrees who saves once more."""
    return " ".join(f"{kind}:{many}" for kind, many in sorted(days.items()))


def _rows(request: ActorRequest, form: PeriodsForm, periods: Mapping[Kind, timedelta]) -> Iterator[dict[str, Any]]:
    due = over(request.actor, timezone.now())
    for kind, keeping in KEEPINGS.items():
        yield {
            "keeping": keeping,
            "field": form[str(kind)] if kind in SET_BY_PRACTICE else None,
            "period": _lasting(periods[kind]),
            "due": due[kind],
        }


def _lasting(period: timedelta) -> str:
    """'24 hours', '7 days'."""
    if period <= timedelta(days=1):
        hours = round(period.total_seconds() / 3600)
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s day", "%(count)s days", period.days) % {"count": period.days}


def _counted(kind: Kind, many: int) -> str:
    return _("%(label)s: %(count)s") % {
        "label": KEEPINGS[kind].label,
        "count": number_format(many, force_grouping=True),
    }


def _told(request: ActorRequest, report: DeletionReport) -> dict[str, Any]:
    """A day of the report in words."""
    zone = practice_of(request.actor).zone
    ended = report.ended_at.astimezone(zone) if report.ended_at else None
    found = [(kind, int(report.counts.get(str(kind), 0))) for kind in KEEPINGS]
    return {"day": report.day, "ended_at": ended, "counts": [_counted(kind, many) for kind, many in found if many]}
