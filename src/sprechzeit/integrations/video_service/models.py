"""What the video service is told of appointments, change by change (PUSH-5)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeSealedText
from sprechzeit.scheduling.models import Appointment, Calendar


class Why(models.TextChoices):
    """Why a change was not taken, or was not sent."""

    LATER = "later", _("A later change says all that this one did.")
    OVER = "over", _("The appointment was over before it could be sent.")
    OTHER_SERVICE = "other_service", _("It was meant for the service that you had before.")
    PUT_ASIDE = "put_aside", _("You left it at that.")
    RESTORED = "restored", _("It was not sent, since the data was restored from a backup.")
    NO_REFERENCE = "no_reference", _("The calendar has no reference at the video service.")
    ADDRESS = "address", _("The address may not be called: it is none of a machine on the internet.")
    NAME = "name", _("The name in the address is not known: nobody has it.")
    CONNECTION = "connection", _("No connection could be made, or it broke off.")
    ENCRYPTION = "encryption", _("The certificate is not valid for the address.")
    TIMEOUT = "timeout", _("There was no answer within ten seconds.")
    PROTOCOL = "protocol", _("The answer broke off, or is no HTTP.")
    REDIRECT = "redirect", _("The service named another address; that is not followed. Enter the final one.")
    TOKEN = "token", _("The service refused the token: it is wrong, or was revoked there.")
    INTERFACE = "interface", _("At this address is no interface for pushing appointments.")
    ANSWER = "answer", _("The service answered something that cannot be read.")
    BUSY = "busy", _("The service asked to be left alone for a while.")
    ERROR = "error", _("The service has a fault of its own.")
    PRACTITIONER = "practitioner", _("The service does not know the calendar's reference.")
    REFUSED = "refused", _("The service refused it.")


class FormerService(PracticeModel):
    """A video service that the practice had before, at which appointments to come still stand.

    `target`: which one it is, as pushes name it. `kind`, `url`, `token`: how it is reached to cancel them there; kept
    until none stands there any more, or the practice leaves it at that. `emptied_at`: since when they are cancelled
    there; None: nobody has said so.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    target = models.CharField(max_length=32)
    kind = models.CharField(max_length=20)
    url = models.URLField(max_length=300)
    token = PracticeSealedText()
    left_at = models.DateTimeField(db_default=Now())
    emptied_at = models.DateTimeField(null=True)

    # Of the one that is chosen this is kept; this one is asked for each appointment when its time has come.
    quiet_until = None

    class Meta:
        constraints = [models.UniqueConstraint("practice", "target", name="former_service_once")]


class Push(PracticeModel):
    """One change of an appointment that the video service is to know: waiting, taken, failed, or left out.

    Those of an appointment have `number`s from 1 and are sent in that order, never one before the one before it.
    `reference`: by which the service knows the appointment; another one each time it is entered there anew. `target`:
    which service it is for, as `target_of` names it. `calendar`, `starts_at`, `minutes`: how it stands then, or stood
    before it was cancelled; `practitioner`: the calendar's reference as the service was told it last. Whose it is and
    what the service is told of them is put together when it is sent and not kept here (PUSH-6).

    `in_doubt`: a call was begun whose outcome is not known, so that the service may have it; until it says so, this
    change is not left out. `attempts`: calls since it was to be sent. `status`: of the last answer; of what was taken,
    404 where the service had not known the appointment. `refusals`: how often the service said no: it may go on saying
    so to the same key, whatever has changed there (telling.py).
    `overlaps`: it said that something else stands at that time there (PUSH-10).
    """

    PERSONAL_DATA = "That somebody has an appointment by video, and when: by ids."
    RETENTION = "appointment"

    class Kind(models.TextChoices):
        CREATE = "create", _("Booked")
        CHANGE = "change", _("Changed")
        CANCEL = "cancel", _("Cancelled")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Taken")
        FAILED = "failed", _("Not taken")
        LEFT_OUT = "left_out", _("Left out")

    appointment = PracticeForeignKey(Appointment, models.CASCADE, related_name="pushes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reference = models.CharField(max_length=64)
    target = models.CharField(max_length=32)
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    practitioner = models.CharField(max_length=64, blank=True, default="", db_default="")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default="waiting", db_default="waiting")
    in_doubt = models.BooleanField(default=False, db_default=False)
    overlaps = models.BooleanField(default=False, db_default=False)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    status = models.PositiveSmallIntegerField(null=True)
    refusals = models.PositiveSmallIntegerField(default=0, db_default=0)
    error = models.CharField(max_length=20, choices=Why.choices, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("appointment", "number", name="push_number_once"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False, in_doubt=False) | (~Q(state="sent") & Q(sent_at=None)),
                name="push_sent",
            ),
            # What may have arrived is not overtaken as if it had not.
            models.CheckConstraint(condition=~Q(error="later") | Q(in_doubt=False), name="push_not_in_doubt"),
        ]
        indexes = [
            models.Index("practice", "created_at", name="push_by_time"),
            models.Index(
                "practice",
                "appointment",
                "number",
                name="push_open",
                condition=Q(state__in=["waiting", "failed"]),
            ),
        ]
