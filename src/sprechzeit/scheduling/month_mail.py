"""The mails to the administrators that a month is nearly full (PLAN-3)."""

from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Role
from sprechzeit.core.mail import Mail
from sprechzeit.practice.models import Member, Practice
from sprechzeit.practice.plans import Plan, limits_of
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import MonthNotice
from sprechzeit.scheduling.plan_page import warning
from sprechzeit.scheduling.queries.months import notice_of_month, used_in_month


def mails_of_month(actor: Actor, notice_id: UUID) -> list[Mail]:
    """One to each administrator who works there now. None where the plan has no limit any more, or nothing is near."""
    notice = notice_of_month(actor, notice_id)
    practice = practice_of(actor)
    warns_at = limits_of(practice.plan).warns_at()
    if notice is None or warns_at is None:
        return []
    used = used_in_month(actor, notice.practitioner, notice.month)
    if used < warns_at:
        return []
    calendar = notice.calendar
    name = calendar.member.name if calendar.member else calendar.name
    people = visible_members(actor).filter(role=Role.ADMINISTRATOR, suspended_at=None).select_related("user")
    return [_mail(practice, notice, name, used, member) for member in people.order_by("pk")]


def _mail(practice: Practice, notice: MonthNotice, name: str, used: int, member: Member) -> Mail:
    with translation.override(member.user.language or practice.language):
        month = date_format(notice.month, "YEAR_MONTH_FORMAT")
        text = render_to_string(
            "scheduling/mail/month.txt",
            {
                "warning": warning(Plan(practice.plan), name, notice.month, used),
                "url": settings.PUBLIC_URL + reverse("scheduling_settings:plan"),
                "practice": practice,
            },
        )
        subject = _("Appointments in %(month)s: the limit of your plan is near") % {"month": month}
    return Mail(
        key=f"month-{notice.pk}-{member.pk}",
        to=member.user.email,
        subject=subject,
        text=text,
        sender=practice.name,
    )
