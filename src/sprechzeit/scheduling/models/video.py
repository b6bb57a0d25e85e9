"""How one joins an appointment that is held by video (PUSH-7, VID-2)."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.core.crypto import token_hash
from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.scheduling.models.appointments import Appointment
from sprechzeit.scheduling.models.blocks import Block
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.video_links import link_of


class VideoAppointment(PracticeModel):
    """The join link and TAN of one appointment, or of a block that was pushed to our video side.

    Held here, nothing secret is kept: link and TAN are derived from the id, `link_hash` finds it by its link. Held
    elsewhere, `join_url` and `tan` are what that service answered, sealed, and `link_hash` is None; they are good in
    the book of `calendar` alone, since in another one that service has another appointment (PUSH-4). It goes when the
    appointment is not held by video any more; a cancelled one keeps it, and its link opens nothing (VID-4).
    """

    PERSONAL_DATA = "Link and TAN of a patient's consultation."
    RETENTION = "appointment"

    appointment = PracticeOneToOne(Appointment, models.CASCADE, null=True, related_name="video")
    block = PracticeOneToOne(Block, models.CASCADE, null=True, related_name="video")
    link_hash = models.BinaryField(max_length=32, unique=True, null=True)
    join_url = PracticeSealedText(null=True)
    tan = PracticeSealedText(null=True)
    calendar = PracticeForeignKey(Calendar, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(appointment=None, block__isnull=False) | Q(appointment__isnull=False, block=None),
                name="video_of_one",
            ),
            models.CheckConstraint(
                condition=Q(link_hash=None, join_url__isnull=False, tan__isnull=False, calendar__isnull=False)
                | Q(link_hash__isnull=False, join_url=None, tan=None, calendar=None),
                name="video_here_or_elsewhere",
            ),
        ]

    @classmethod
    def here(cls, **of: Any) -> "VideoAppointment":
        """One that is held here, not saved yet. `of`: its practice, and its appointment or block."""
        one = cls(**of)
        one.link_hash = token_hash(link_of(one.pk))
        return one

    @property
    def is_here(self) -> bool:
        """Whether it is held in this installation."""
        return self.link_hash is not None

    def is_good_in(self, calendar_id: UUID) -> bool:
        """Whether it opens the appointment where it stands now (PUSH-4)."""
        return self.is_here or self.calendar_id == calendar_id
