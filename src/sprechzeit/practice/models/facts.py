"""The practice, its members, its rooms."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sprechzeit.accounts.models import User
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models.base import PracticeModel
from sprechzeit.practice.origins import ORIGINS, validate_origins
from sprechzeit.practice.plans import Plan

LOGO_WIDTH, LOGO_HEIGHT = 640, 320
PLAN_NAMES = [(str(one), _("Unlimited") if one is Plan.UNLIMITED else str(one)) for one in Plan]


class ColourField(models.PositiveSmallIntegerField):  # type: ignore[type-arg]  # generic in the stub only
    """One of the eight colours whose contrast holds by construction."""

    default_validators = [MinValueValidator(1), MaxValueValidator(8)]


class Practice(models.Model):
    """The tenant and data controller. Everything below belongs to exactly one practice.

    `region`: country and state whose public holidays close it (ISO 3166-2, 'DE-NW'); empty for none.
    `embed_origins`: websites that may show the booking page within their own pages, one origin a line (BOO-1).
    `booking_name`, `booking_phone`: what patients read instead of `name` and `phone`; empty for the same.
    `booking_code_required`: who books online first types a code that was mailed to them (BOO-4).
    `online_location`: where what is booked online takes place, unless its type says (PUSH-4).
    `patient_messages`, `practitioner_messages`: messages about appointments go out to them at all (NOT-6).
    `video_mails`: the video side writes to the patients of what was pushed to it (VID-5).
    `second_factor_roles`: nothing of the practice opens to members of these roles without a second factor (ACC-9).
    `plan`: what it may use, see plans.py; the database lets nobody but the operator change it (PLAN-1).
    """

    PERSONAL_DATA = "Address of the practice."
    RETENTION = "practice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("Name"), max_length=120)
    slug = models.SlugField(_("Address of the booking page"), max_length=60, unique=True)
    street = models.CharField(_("Street"), max_length=120, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=12, blank=True)
    town = models.CharField(_("Town"), max_length=80, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    zone_name = models.CharField(_("Time zone"), max_length=60, default="Europe/Berlin")
    region = models.CharField(_("Public holidays of"), max_length=8, blank=True)
    language = models.CharField(_("Language"), max_length=2, default="de")
    colour = ColourField(_("Colour"), default=2)
    cancel_hours = models.PositiveSmallIntegerField(_("Patients may cancel until (hours before)"), default=24)
    open_bookings = models.PositiveSmallIntegerField(_("Open bookings per patient"), default=5)
    imprint_url = models.URLField(_("Address of the imprint"), max_length=300, blank=True)
    privacy_url = models.URLField(_("Address of the privacy notice"), max_length=300, blank=True)
    booking_open = models.BooleanField(_("Patients can book online"), default=True)
    booking_name = models.CharField(_("Name as patients read it"), max_length=120, blank=True)
    booking_phone = models.CharField(_("Phone for patients"), max_length=40, blank=True)
    booking_code_required = models.BooleanField(_("Code by e-mail first"), default=False)
    booking_text = models.TextField(_("Text on the booking page"), max_length=600, blank=True)
    embed_origins = models.TextField(
        _("Websites that may embed the booking page"), max_length=1000, blank=True, validators=[validate_origins]
    )
    online_location = models.CharField(
        _("Appointments booked online take place"),
        max_length=8,
        choices=[("practice", _("in the practice")), ("video", _("by video"))],
        default="practice",
        db_default="practice",
    )
    patient_messages = models.BooleanField(_("Appointment messages to patients"), default=True, db_default=True)
    practitioner_messages = models.BooleanField(
        _("Appointment messages to practitioners"), default=True, db_default=True
    )
    video_mails = models.BooleanField(_("The video side writes to patients"), default=True, db_default=True)
    second_factor_roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    plan = models.CharField(
        _("Plan"), max_length=10, choices=PLAN_NAMES, default=str(Plan.UNLIMITED), db_default=str(Plan.UNLIMITED)
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(embed_origins__regex=ORIGINS), name="practice_embed_origins"),
            # They are links on a page for everybody: never a script, never open to be read on the way.
            models.CheckConstraint(
                condition=models.Q(imprint_url="") | models.Q(imprint_url__startswith="https://"),
                name="practice_imprint_https",
            ),
            models.CheckConstraint(
                condition=models.Q(privacy_url="") | models.Q(privacy_url__startswith="https://"),
                name="practice_privacy_https",
            ),
            models.CheckConstraint(condition=models.Q(plan__in=list(map(str, Plan))), name="practice_plan"),
        ]

    @property
    def zone(self) -> ZoneInfo:
        """The practice's time zone."""
        return ZoneInfo(self.zone_name)

    @property
    def shown_name(self) -> str:
        """The name that patients read."""
        return self.booking_name or self.name

    @property
    def shown_phone(self) -> str:
        """The number that patients call; empty for none."""
        return self.booking_phone or self.phone


class Logo(PracticeModel):
    """The practice's logo on its booking page: a WebP image of our own making, never the file that was sent.

    `digest`: of the image, in hexadecimal; part of its address, so that a new logo is seen at once. Lengths in pixels.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    practice = models.OneToOneField(Practice, models.PROTECT, related_name="logo")
    image = models.BinaryField()
    digest = models.CharField(max_length=32)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(width__range=(1, LOGO_WIDTH), height__range=(1, LOGO_HEIGHT)), name="logo_size"
            ),
        ]


class DataKey(PracticeModel):
    """A key that seals this practice's health data, itself sealed with the key-encryption key (PRI-1)."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)


class Member(PracticeModel):
    """A user in a practice, with a role, an account number, initials and a colour.

    While `suspended_at` stands they come in nowhere; an administrator takes them up again. The practice always has an
    administrator who is not: a trigger keeps the last one (ACC-2).
    `factor_reset_at`: when an operator last took their second factor away; written so that the practice's log has it.
    """

    PERSONAL_DATA = "Name and role of somebody who works in the practice."
    RETENTION = "practice"

    class RoleChoice(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Group administrator")
        PRACTITIONER = "practitioner", _("Group member")
        SECRETARY = "secretary", _("Secretary's office")

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(_("Role"), max_length=20, choices=RoleChoice.choices, default=RoleChoice.PRACTITIONER)
    name = models.CharField(_("Name"), max_length=120)
    initials = models.CharField(_("Initials"), max_length=4)
    colour = ColourField(_("Colour"), default=1)
    account_number = models.PositiveIntegerField(_("Account number"))
    created_at = models.DateTimeField(auto_now_add=True)
    suspended_at = models.DateTimeField(null=True)
    factor_reset_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "user", condition=models.Q(left_at=None), name="member_once"),
            models.UniqueConstraint("practice", "account_number", name="account_number_once"),
        ]


class Space(models.Model):
    """A physical room. Rooms of different practices that are the same physical room point to one space."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)


class Room(PracticeModel):
    """A room of one practice.

    `former_spaces`: the physical rooms that it was before it became another: what was over then stands in them.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    space = models.ForeignKey(Space, models.PROTECT, related_name="rooms")
    former_spaces = ArrayField(models.UUIDField(), default=list)
    name = models.CharField(_("Name"), max_length=80)
    colour = ColourField(_("Colour"), default=1)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "name", name="room_name_once")]

    def is_in(self, space_id: UUID | None) -> bool:
        """Whether what stands in a space stands in this room."""
        return space_id is not None and (space_id == self.space_id or space_id in self.former_spaces)


class IdempotencyKey(PracticeModel):
    """A call that was answered: repeated with the same key it changes nothing and is answered the same."""

    PERSONAL_DATA = "None: hashes, keyed where what was asked could be guessed, and the id of what was made."
    RETENTION = "day"

    scope = models.CharField(max_length=40)
    key = models.BinaryField(max_length=32)
    asked = models.BinaryField(max_length=32)
    result_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "scope", "key", name="idempotency_key_once")]
        indexes = [models.Index(fields=["practice", "created_at"], name="idempotency_by_age")]
