"""What becomes of a video appointment that is held here: the consultation, who is there, what they tell each other."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne
from sprechzeit.scheduling.models import VideoAppointment

MOST_TRIES = 5
# Who has not been heard of for so long is gone; open pages are heard of every fifteen seconds.
GONE_AFTER = timedelta(seconds=45)
MOST_SIGNALS = 100
LONGEST_SIGNAL = 20_000


class Consultation(PracticeModel):
    """What happened at a video appointment (VID-3, VID-4).

    `wrong_tries`: how often a wrong TAN was typed; at the fifth the link is locked, since `locked_at`, until somebody
    in the practice opens it again. `admitted_at`: when the practitioner last let the patient in; `ended_at`: when they
    ended that call.
    """

    PERSONAL_DATA = "When a patient's consultation began and ended."
    RETENTION = "appointment"

    video = PracticeOneToOne(VideoAppointment, models.CASCADE, related_name="consultation")
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    admitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrong_tries__lt=MOST_TRIES, locked_at=None)
                | Q(wrong_tries=MOST_TRIES, locked_at__isnull=False),
                name="consultation_locked",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(admitted_at__isnull=False), name="consultation_ended_after_it_began"
            ),
        ]

    @property
    def is_on(self) -> bool:
        """Whether the two may be connected now."""
        return self.admitted_at is not None and self.ended_at is None

    def seconds_on(self, now: datetime) -> int:
        """For how long they may have talked: pages that are loaded again go on counting."""
        return int((now - self.admitted_at).total_seconds()) if self.admitted_at and self.is_on else 0


class Seat(PracticeModel):
    """A page that is open at a consultation, on one of its two sides; a page that is opened later takes the seat.

    `since`: since when its `state`; `seen_at`: when its stream was last open, long ago where somebody went. `numbered`
    counts the signals for it, of which it has taken the first `taken`. It goes at the end, or after hours.
    """

    PERSONAL_DATA = "When a patient waits for a consultation."
    RETENTION = "day"

    class Side(models.TextChoices):
        PATIENT = "patient"
        PRACTITIONER = "practitioner"

    class State(models.TextChoices):
        TESTING = "testing"
        WAITING = "waiting"
        TALKING = "talking"

    consultation = PracticeForeignKey(Consultation, models.CASCADE, related_name="seats")
    side = models.CharField(max_length=12, choices=Side.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    numbered = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # Nobody else can listen in: there are two sides, and one seat on each.
            models.UniqueConstraint("consultation", "side", name="seat_once"),
            models.CheckConstraint(condition=Q(side__in=["patient", "practitioner"]), name="seat_side"),
            models.CheckConstraint(
                condition=Q(taken__lte=F("numbered"), numbered__lte=F("taken") + MOST_SIGNALS), name="seat_signals"
            ),
        ]
        indexes = [models.Index("practice", "seen_at", name="seat_by_age")]

    def is_here(self, now: datetime) -> bool:
        """Whether the page is open still."""
        return now - self.seen_at <= GONE_AFTER


class Signal(PracticeModel):
    """What one page tells the other so that they find each other: how to be reached, and nothing of what is said.

    `sender`: the seat that it comes from, None for the program. It goes when it was taken.
    """

    PERSONAL_DATA = "Addresses on the internet of the patient's and the practitioner's devices."
    RETENTION = "day"

    class Kind(models.TextChoices):
        DESCRIPTION = "description"
        CANDIDATES = "candidates"
        RESTART = "restart"
        SOON = "soon"

    seat = PracticeForeignKey(Seat, models.CASCADE, related_name="signals")
    number = models.PositiveIntegerField()
    sender = models.UUIDField(null=True)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("seat", "number", name="signal_once"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("body"), LONGEST_SIGNAL), name="signal_short"),
        ]
