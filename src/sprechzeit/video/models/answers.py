"""What booking systems were answered, so that a repeated call is answered the same (VID-1)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.practice.models import PracticeForeignKey, PracticeModel, PracticeSealedText, VideoToken


class Answer(PracticeModel):
    """What a booking system's call with one idempotency key was answered, written with the change that it made.

    `key`: the key's hash; `asked`: a keyed digest of method, address and body. `status`: 0 until the answer is made,
    which nobody else ever sees; `body`: sealed, since link and TAN stand in it. Kept seven days. It is derived and not
    logged: the change that it tells of is.
    """

    PERSONAL_DATA = "When a patient comes, and how they join, by the booking system's reference."
    RETENTION = "week"

    token = PracticeForeignKey(VideoToken, models.PROTECT, related_name="+", db_index=False)
    key = models.BinaryField(max_length=32)
    asked = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    body = PracticeSealedText(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "token", "key", name="video_answer_once"),
            models.CheckConstraint(condition=Q(status=0) | Q(status__range=(200, 499)), name="video_answer_status"),
        ]
        indexes = [models.Index("practice", "created_at", name="video_answer_by_age")]
