"""Delegated access: what somebody in or outside the practice may do in others' calendars and records (ACC-20)."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.table import Area
from sprechzeit.accounts.models import User
from sprechzeit.practice.models.base import PracticeForeignKey, PracticeModel
from sprechzeit.practice.models.facts import Member
from sprechzeit.practice.models.people import Invitation


class AccessGrant(PracticeModel):
    """An access that was given to somebody: a delegate. What it opens stands in its `GrantedArea` rows.

    It stands from `accepted_at` (a member of the practice need not accept) until it is revoked or its last day,
    `ends_on`, is over on the practice's clock. Revoked it stays as history: the database refuses every change of
    it. `factor_reset_at`: as a member's. `invitation`: by which somebody from outside comes to it; None for a
    member of the practice. `purpose`: what the practice calls it, as 'phone service'.
    """

    PERSONAL_DATA = "Name and e-mail address of somebody who works for the practice."
    RETENTION = "practice"

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="accesses")
    invitation = PracticeForeignKey(Invitation, models.PROTECT, null=True, related_name="accesses", db_index=False)
    name = models.CharField(_("Name"), max_length=120)
    email = models.EmailField(_("E-mail"), max_length=254)
    purpose = models.CharField(_("What for"), max_length=80, blank=True)
    given_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField(auto_now_add=True)
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=60, blank=True)
    factor_reset_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "practice", Lower("email"), condition=models.Q(revoked_at=None), name="access_once_per_address"
            ),
            models.UniqueConstraint("practice", "user", condition=models.Q(revoked_at=None), name="access_once"),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, user=None)
                | models.Q(accepted_at__isnull=False, user__isnull=False),
                name="access_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
                name="access_revoked_by_somebody",
            ),
        ]


class GrantedArea(PracticeModel):
    """An area of an access, for one practitioner's calendar and records."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    class Choice(models.TextChoices):
        SCHEDULING = Area.SCHEDULING.value, _("Scheduling")
        DOCUMENTATION = Area.DOCUMENTATION.value, _("Documentation")
        INVOICING = Area.INVOICING.value, _("Invoicing")
        REPORTS = Area.REPORTS.value, _("Reports")
        FINANCE = Area.FINANCE.value, _("Finance")

    grant = PracticeForeignKey(AccessGrant, models.CASCADE, related_name="areas", db_index=False)
    area = models.CharField(max_length=20, choices=Choice.choices)
    member = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "grant", "member", "area", name="granted_area_once"),
            models.CheckConstraint(condition=models.Q(area__in=[one.value for one in Area]), name="granted_area_known"),
        ]
