"""What booking systems pushed to the practice's video side (VID-1)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne, VideoToken
from sprechzeit.scheduling.models import Block


class Visit(PracticeModel):
    """An appointment by video that a booking system pushed: a copy, of which no patient record is made (PUSH-6, VID-2).

    Its time stands in the book as a block, its link and TAN are the block's. `reference`: the booking system's own name
    for it, which says nothing. `member`: the practitioner that was named. `cancelled_at`: since when the booking system
    holds it cancelled; what staff took out of the book still stands there as far as that system knows, and only its
    block's time is free. `sequence`: counts what the booking system changed. When its personal data are deleted is
    counted from the end of its block (PRI-20).
    """

    PERSONAL_DATA = "First name or pseudonym, last name, e-mail, mobile; who comes when, to whom."
    RETENTION = "video copy"

    block = PracticeOneToOne(Block, models.CASCADE, related_name="visit")
    member = PracticeForeignKey(Member, models.PROTECT, related_name="+")
    token = PracticeForeignKey(VideoToken, models.PROTECT, related_name="visits")
    reference = models.CharField(max_length=64)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100, blank=True, default="")
    email = models.EmailField(max_length=254)
    mobile = models.CharField(max_length=40, blank=True, default="")
    sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "practice", "token", "reference", name="visit_reference_once", condition=Q(cancelled_at=None)
            ),
        ]
        indexes = [models.Index("practice", "token", "reference", name="visit_by_reference")]

    @property
    def name(self) -> str:
        """How it stands in the book."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_live(self) -> bool:
        """Whether it takes place: neither the booking system cancelled it, nor somebody took it out of the book."""
        return self.cancelled_at is None and self.block.occupancy.active

    @property
    def holder(self) -> Member:
        """Who holds it: in whose column it stands; in a column of nobody whom the booking system named."""
        held_by: Member | None = self.block.calendar.member
        return held_by or self.member
