"""What belongs to a booking by a visitor: who booked for somebody else, and the code by e-mail (BOO-4)."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.scheduling.models.appointments import Appointment, Hold


class Booker(PracticeModel):
    """Who booked an appointment for a child or for somebody else, and is written to and called about it.

    The mail goes to the appointment's `email`. Bears its appointment's id.
    """

    PERSONAL_DATA = "Name and phone number of who booked."
    RETENTION = "appointment"

    class Relation(models.TextChoices):
        CHILD = "child", _("for their child")
        OTHER = "other", _("for somebody else")

    appointment = PracticeOneToOne(Appointment, models.CASCADE, related_name="booker")
    relation = models.CharField(max_length=5, choices=Relation.choices)
    first_name = models.CharField(_("First name"), max_length=100)
    last_name = models.CharField(_("Last name"), max_length=100)
    mobile = models.CharField(_("Mobile"), max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(relation__in=["child", "other"]), name="booker_has_a_known_relation"
            ),
        ]

    @property
    def full_name(self) -> str:
        """'First Last', as one is addressed."""
        return f"{self.first_name} {self.last_name}"


class BookingCode(PracticeModel):
    """A code sent by e-mail, to be typed by who books: then the address is theirs.

    The digits are derived from the id, so nothing secret is kept (decision 4). `email` is sealed, so that the log does
    not keep what is deleted after a day; `address`: its keyed digest, to compare. `tries`: how often a code was typed.
    """

    PERSONAL_DATA = "E-mail address."
    RETENTION = "day"

    hold = PracticeForeignKey(Hold, models.CASCADE, related_name="codes")
    email = PracticeSealedText()
    address = models.BinaryField(max_length=32)
    language = models.CharField(max_length=2, default="de")
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    proven_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(tries__lte=5), name="booking_code_tried_five_times"),
        ]
