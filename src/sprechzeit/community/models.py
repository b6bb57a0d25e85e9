"""Calendar communities (COM-1…8)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import Practice, PracticeModel, PracticeSealedText, Space


class Community(models.Model):
    """A link between practices that share rooms or show each other when they are busy.

    It belongs to none of them: those see it that are in it. `founder`: who takes others in and removes them.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("Name"), max_length=80)
    founder = models.ForeignKey(Practice, models.PROTECT, related_name="+", db_index=False)
    founded_at = models.DateTimeField()


class Membership(PracticeModel):
    """A practice in a community. Nothing is shared before `agreed_at`, by the practice itself after it has seen who is
    in, and `confirmed_at`, by the founder's side (COM-1).

    `removed_by`: the practice that ended it; empty for one that left. `shows_times`: to those who show theirs (COM-8).
    The database lets `app` write `agreed_at` and `shows_times` alone: all else is done by functions that look first.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    community = models.ForeignKey(Community, models.PROTECT, related_name="memberships")
    entered_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=120, blank=True)
    shows_times = models.BooleanField(_("Show our busy times"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "community", condition=Q(left_at=None), name="in_community_once"),
        ]


class CommunityCode(PracticeModel):
    """The code by which one more practice enters, once, until `expires_at`. A row of the founder's.

    `code_hash`: keyed, to look it up by; `code`: sealed, for the founder to read and hand on.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    community = models.OneToOneField(Community, models.PROTECT, related_name="code")
    code_hash = models.BinaryField(max_length=32, unique=True)
    code = PracticeSealedText()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class CommunitySpace(models.Model):
    """A physical room that the community's practices use, with the name that they give it (COM-2).

    The database lets `app` write `name` alone, and it is deleted by a function that looks whether any practice uses it.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    community = models.ForeignKey(Community, models.PROTECT, related_name="spaces", db_index=False)
    name = models.CharField(_("Name"), max_length=80)
    space = models.OneToOneField(Space, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("community", "name", name="community_space_name_once")]


class CommunityEvent(PracticeModel):
    """What happened in a community, as a row of each practice that it concerned: so that the log of each has it.

    `by_name`: the practice that did it; `concerns`: what it was about, as the name of a room of the community.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    class Kind(models.TextChoices):
        FOUNDED = "founded", _("Community founded")
        RENAMED = "renamed", _("Community renamed")
        ENTERED = "entered", _("Code entered")
        AGREED = "agreed", _("Agreed to the community")
        CONFIRMED = "confirmed", _("Practice confirmed")
        DECLINED = "declined", _("Practice declined")
        SPACE = "space", _("Shared room added")
        SPACE_NAMED = "space_named", _("Shared room renamed")
        SPACE_GONE = "space_gone", _("Shared room deleted")
        MAPPED = "mapped", _("Room assigned")
        UNMAPPED = "unmapped", _("Room no longer shared")
        SHOWN = "shown", _("Busy times shown")
        HIDDEN = "hidden", _("Busy times hidden")
        LEFT = "left", _("Community left")
        REMOVED = "removed", _("Practice removed")

    community = models.ForeignKey(Community, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by_name = models.CharField(max_length=120)
    concerns = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["practice", "community", "-at"], name="community_events")]
