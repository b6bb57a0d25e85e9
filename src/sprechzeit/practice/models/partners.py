"""Booking portals of others (OTV-1)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models.base import PracticeModel


class Partner(PracticeModel):
    """A third party's booking portal, as an administrator registered it (OTV-1). It is never deleted: what patients
    said to it, and what it was handed, stays.

    `starts_on`, `ends_on`: its first and last day on the practice's clock; `ended_at`: when an administrator ended it
    at once. `consents_at`: since when records have a page of consents because of it (PAT-20).
    """

    PERSONAL_DATA = "Whom the practice calls at a company."
    RETENTION = "practice"

    name = models.CharField(_("Name"), max_length=100)
    website = models.URLField(_("Website"), max_length=300, blank=True)
    contact = models.CharField(_("Contact person"), max_length=120, blank=True)
    email = models.EmailField(_("E-mail"), max_length=254, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    starts_on = models.DateField(_("First day"))
    ends_on = models.DateField(_("Last day"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True)
    consents_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", Lower("name"), name="partner_name_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="partner_days"),
            # It is a link on a page: never a script.
            models.CheckConstraint(
                condition=Q(website="") | Q(website__startswith="https://"), name="partner_website_https"
            ),
        ]

    def is_active(self, day: date) -> bool:
        """Whether it may do anything on a day of the practice's clock."""
        within = self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
        return within and self.ended_at is None
