"""Columns of the appointment book."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.ids import new_reference
from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel
from sprechzeit.practice.models.facts import ColourField


class Calendar(PracticeModel):
    """A column of the appointment book: of a practitioner, or of none (CAL-1).

    `video_reference`: who that is to the video service elsewhere (PUSH-3); empty: it holds no consultations there.
    """

    PERSONAL_DATA = "Name of a practitioner."
    RETENTION = "practice"

    member = PracticeForeignKey(Member, models.PROTECT, null=True, related_name="calendars")
    name = models.CharField(_("Name"), max_length=120)
    initials = models.CharField(_("Initials"), max_length=4)
    colour = ColourField(_("Colour"), default=1)
    position = models.PositiveSmallIntegerField(_("Order"), default=0)
    reference = models.CharField(max_length=24, default=new_reference, unique=True)
    video_reference = models.CharField(
        _("Reference at the video service"), max_length=100, blank=True, default="", db_default=""
    )
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("practice", "name", name="calendar_name_once")]
