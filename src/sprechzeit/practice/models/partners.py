"""Booking portals of others (OTV-1)."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models.base import PracticeForeignKey, PracticeModel


class Reading(models.TextChoices):
    """What a partner may be let read beside free times, appointment types, who offers them, and its own bookings."""

    ROOMS = "rooms", _("Rooms")
    HOURS = "hours", _("Working hours, shifts, absences and booking windows (times only)")
    BUSY = "busy", _("Taken times (time and calendar only)")
    MATCH = "match", _("Whether a patient is known, if they did not say no")
    PATIENTS = "patients", _("Name, date of birth and contact points of patients who said yes")


class Confirms(models.TextChoices):
    """Who writes to patients about what a partner booked (OTV-13)."""

    PRACTICE = "practice", _("The practice, by Sprechzeit")
    PARTNER = "partner", _("The partner")


class Partner(PracticeModel):
    """A third party's booking portal, as an administrator registered it (OTV-1). It is never deleted: what patients
    said to it, and what it was handed, stays.

    `starts_on`, `ends_on`: its first and last day on the practice's clock; `ended_at`: when an administrator ended it
    at once. `consents_at`: since when records have a page of consents because of it (PAT-20). `reads`: what it may read
    (`Reading`). `confirms`: who writes to the patient about its bookings, exactly one of the two (OTV-13).
    `webhook_url`: where changes are reported to; empty for a partner that asks for them itself (OTV-9).
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
    reads = ArrayField(
        models.CharField(max_length=10, choices=Reading.choices), default=list, db_default=[], blank=True
    )
    confirms = models.CharField(
        _("Who confirms and reminds"),
        max_length=10,
        choices=Confirms.choices,
        default="practice",
        db_default="practice",
    )
    webhook_url = models.URLField(_("Address for changes"), max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", Lower("name"), name="partner_name_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="partner_days"),
            # It is a link on a page: never a script.
            models.CheckConstraint(
                condition=Q(website="") | Q(website__startswith="https://"), name="partner_website_https"
            ),
            models.CheckConstraint(condition=Q(reads__contained_by=Reading.values), name="partner_reads"),
            # Encrypted, but to this machine: that is for tests and development, where a setting allows it.
            models.CheckConstraint(
                condition=Q(webhook_url="") | Q(webhook_url__regex=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])"),
                name="partner_webhook_https",
            ),
        ]

    def is_active(self, day: date) -> bool:
        """Whether it may do anything on a day of the practice's clock."""
        within = self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
        return within and self.ended_at is None

    def reads_any(self, what: Reading) -> bool:
        """Whether it may read such data."""
        return what.value in self.reads


class PartnerKey(PracticeModel):
    """A public key with which a partner signs its calls: Ed25519 (OTV-2). Several may be good at once.

    `reference`: by which a signature names it (`keyid`, RFC 9421), unlike any other of the installation. It is good
    from `starts_at` to `ends_at`, unless revoked, which is not taken back; a key is never deleted, what it signed stays
    explained.
    `public_key`: its 32 bytes in base64 (RFC 8032 5.1.5). No two partners of
    a practice have the same: what is revoked of the one would go on as the other.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    partner = PracticeForeignKey(Partner, models.PROTECT, related_name="keys")
    reference = models.CharField(max_length=60, unique=True)
    public_key = models.CharField(max_length=44)
    label = models.CharField(_("Label"), max_length=100, blank=True)
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(_("Good until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "public_key", name="partner_key_once"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="partner_key_ends_later"
            ),
        ]

    def is_good(self, at: datetime) -> bool:
        """Whether what it signs is accepted."""
        within = self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
        return within and self.revoked_at is None
