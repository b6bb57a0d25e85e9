"""What is written about a session (DOC-1, DOC-2)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models import Member, PracticeForeignKey, PracticeModel, PracticeOneToOne, PracticeSealedText
from sprechzeit.records.models.sessions import Session


class NoteTemplate(PracticeModel):
    """How notes are structured: ordered, named fields. It belongs to who made it; once open to everyone it stays so.

    `opened_at`: since when everybody of the practice writes by it (ACC-4, ACC-5).
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    name = models.CharField(_("Name"), max_length=100)
    fields = ArrayField(models.CharField(max_length=100))
    created_by = PracticeForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "name", name="note_template_name_once"),
            models.CheckConstraint(condition=Q(fields__len__gte=1), name="note_template_has_fields"),
        ]


class Note(PracticeModel):
    """That something is written about a session. Its id is the session's; its text stands in its versions."""

    PERSONAL_DATA = "That a treatment was documented."
    RETENTION = "record"

    session = PracticeOneToOne(Session, models.PROTECT, related_name="note")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=models.F("session_id")), name="note_has_its_sessions_id")]


class NoteVersion(PracticeModel):
    """What a note said from one moment on (DOC-2). Never changed, but sealed anew when the practice's key is replaced.

    `number` counts from 1 without a gap. `written_by`: the actor, as the log names it.
    """

    PERSONAL_DATA = "What was written about a treatment (sealed)."
    RETENTION = "record"

    note = PracticeForeignKey(Note, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    text = PracticeSealedText()
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("note", "number", name="note_version_once")]


class NoteDraft(PracticeModel):
    """What somebody has typed and not saved as a version: it survives a crash, and shows who writes (DOC-2).

    `pad`: the open page that writes it; a page that finds another one's pad here begins a draft of its own. `based_on`:
    the number of the version that was shown when it was begun, 0 for none. `revision` counts what was kept.
    """

    PERSONAL_DATA = "What was typed about a treatment (sealed)."
    RETENTION = "record"

    note = PracticeForeignKey(Note, models.PROTECT, related_name="drafts")
    writer = models.CharField(max_length=60)
    pad = models.UUIDField()
    based_on = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    text = PracticeSealedText()
    begun_at = models.DateTimeField(db_default=Now())
    kept_at = models.DateTimeField()


class Signature(PracticeModel):
    """A note that is finished: its newest version, who stands for it and when. From then on it takes amendments only.

    `digest`: of text, author and moment, keyed with the installation's master key: it shows if one of them is changed.
    """

    PERSONAL_DATA = "Who signed when."
    RETENTION = "record"

    note = PracticeOneToOne(Note, models.PROTECT, related_name="signature")
    version = PracticeOneToOne(NoteVersion, models.PROTECT, related_name="+")
    signed_by = models.CharField(max_length=60)
    signed_at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)


class Amendment(PracticeModel):
    """What was added to a signed note later. Never changed, but sealed anew when the practice's key is replaced."""

    PERSONAL_DATA = "What was written about a treatment (sealed)."
    RETENTION = "record"

    note = PracticeForeignKey(Note, models.PROTECT, related_name="amendments")
    text = PracticeSealedText()
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField(db_default=Now())
