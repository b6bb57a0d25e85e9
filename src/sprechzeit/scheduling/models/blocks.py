"""Time taken without a patient."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeOneToOne
from sprechzeit.scheduling.models.calendars import Calendar
from sprechzeit.scheduling.models.occupancy import Occupancy


class CalendarImport(PracticeModel):
    """A calendar file that was taken over as blocks."""

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="+")
    file_hash = models.BinaryField(max_length=32)
    imported_at = models.DateTimeField(db_default=Now())


class Block(PracticeModel):
    """Time that is taken without a patient (CAL-7): entered by hand, or brought from another program's calendar.

    `uid` and `recurrence` name the entry in its file, so that the same file taken twice changes nothing; both are
    empty for what was entered by hand. `file_starts_at`, `file_ends_at`: where the file had it when somebody gave it
    another place by hand; until then None. `removed_at`: since when an entry that the file still holds is gone, because
    somebody removed it by hand; no import brings it back.
    """

    PERSONAL_DATA = "The entry's title, which may name anybody."
    RETENTION = "blocked time"

    occupancy = PracticeOneToOne(Occupancy, models.PROTECT, related_name="block")
    calendar = PracticeForeignKey(Calendar, models.PROTECT, related_name="blocks")
    calendar_import = PracticeForeignKey(CalendarImport, models.PROTECT, null=True, related_name="blocks")
    title = models.CharField(_("Title"), max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    uid = models.CharField(max_length=255, blank=True)
    recurrence = models.CharField(max_length=40, blank=True)
    file_starts_at = models.DateTimeField(null=True)
    file_ends_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    @property
    def moved_by_hand(self) -> bool:
        """Whether it stands where no file has put it: from then on it is led by hand."""
        if self.calendar_import is None or self.file_starts_at is None:
            return False
        put = (self.file_starts_at, self.file_ends_at, self.calendar_import.calendar_id)
        return (self.starts_at, self.ends_at, self.calendar_id) != put

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "calendar", "uid", "recurrence", name="imported_entry_once", condition=Q(calendar_import__isnull=False)
            ),
        ]
        indexes = [models.Index("practice", "calendar", "ends_at", name="block_by_calendar")]
