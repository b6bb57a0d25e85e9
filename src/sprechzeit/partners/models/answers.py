"""What partners were answered, so that a repeated call is answered the same (OTV-6)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sprechzeit.practice.models import Partner, PracticeForeignKey, PracticeModel


class Answer(PracticeModel):
    """What a partner's call with one idempotency key was answered, written with the change that it made.

    `key`: the key's hash; `asked`: a keyed digest of method, address and body. `status`: 0 until the answer is made,
    which nobody else ever sees; `body`: its bytes. Kept seven days. It is derived and not logged: the change that it
    tells of is.
    """

    PERSONAL_DATA = "When an appointment of a patient is, by the partner's references."
    RETENTION = "week"

    partner = PracticeForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    key = models.BinaryField(max_length=32)
    asked = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("practice", "partner", "key", name="answer_once"),
            models.CheckConstraint(condition=Q(status=0) | Q(status__range=(200, 499)), name="answer_status"),
        ]
        indexes = [models.Index("practice", "created_at", name="answer_by_age")]
