"""The video service to which bookings go, and the tokens of those that push theirs to us (PUSH-1, PUSH-2)."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models.base import PracticeForeignKey, PracticeModel, PracticeSealedText
from sprechzeit.practice.models.facts import Member, Practice


class VideoService(PracticeModel):
    """Where the practice's video appointments are held: here, or at a service to which they are pushed (PUSH-2).

    `kind`: 'here', or the name of an adapter (integrations/video_service). `url`, `token`: of the service elsewhere.
    `shown_as`, `sends_last_name`, `sends_mobile`: what it is told of a patient, beside the e-mail (PUSH-6).
    `link_wait_minutes`: how long a patient's message waits for the link before it goes without (PUSH-8). `fault`: what
    is wrong at the service since `fault_at`, as a code; empty if nothing is. `quiet_until`: it asked not to be called
    before. `writes_itself`: whether it writes to patients as well, as it said when it was last asked (VID-5); None
    where it does not say.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    HERE = "here"

    class ShownAs(models.TextChoices):
        FIRST_NAME = "first_name", _("First name")
        INITIALS = "initials", _("Initials")
        CODE = "code", _("A code without a name")

    practice = models.OneToOneField(Practice, models.PROTECT, related_name="video_service")
    kind = models.CharField(_("Video service"), max_length=20, default=HERE)
    is_on = models.BooleanField(_("Switched on"), default=False)
    url = models.URLField(_("Address"), max_length=300, blank=True)
    token = PracticeSealedText(null=True)
    shown_as = models.CharField(
        _("Patients are named by"), max_length=10, choices=ShownAs.choices, default=ShownAs.FIRST_NAME
    )
    sends_last_name = models.BooleanField(_("Last name as well"), default=False)
    sends_mobile = models.BooleanField(_("Mobile number as well"), default=False)
    link_wait_minutes = models.PositiveSmallIntegerField(
        _("Messages wait for the link (minutes)"), default=15, validators=[MaxValueValidator(1440)]
    )
    fault = models.CharField(max_length=40, blank=True, default="", db_default="")
    fault_at = models.DateTimeField(null=True)
    quiet_until = models.DateTimeField(null=True)
    writes_itself = models.BooleanField(null=True)

    class Meta:
        constraints = [
            # Encrypted, but to this machine: that is for tests and development, where a setting allows it.
            models.CheckConstraint(
                condition=Q(url="") | Q(url__regex=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])"),
                name="video_service_https",
            ),
            models.CheckConstraint(condition=Q(link_wait_minutes__lte=1440), name="video_service_waits_a_day"),
            # A last name beside initials or a code would say whose they are.
            models.CheckConstraint(
                condition=Q(shown_as="first_name") | Q(sends_last_name=False), name="video_service_pseudonym"
            ),
        ]

    @property
    def is_here(self) -> bool:
        """Whether consultations are held in this practice: nothing is sent (PUSH-10)."""
        return self.kind == self.HERE


class VideoToken(PracticeModel):
    """A token with which a booking system pushes appointments to this practice's video side (PUSH-1). Shown once."""

    PERSONAL_DATA = "Who made it."
    RETENTION = "practice"

    name = models.CharField(_("Name"), max_length=100)
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_by = PracticeForeignKey(Member, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "practice", Lower("name"), name="video_token_name_once", condition=Q(revoked_at=None)
            ),
        ]
