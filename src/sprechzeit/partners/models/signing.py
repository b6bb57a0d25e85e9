"""What signed calls need: the practice's own keys, and what was used once (OTV-2)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sprechzeit.practice.models import PartnerKey, PracticeForeignKey, PracticeModel, PracticeSealedText


class SigningKey(PracticeModel):
    """A key with which the practice signs its answers to partners, and what it reports to them: Ed25519 (OTV-2).

    `reference`: by which a signature names it (`keyid`). Of those that are good the one begun last signs; partners are
    told of all that are not over, so that they know the next one before it signs.
    `public_key`, `private_key`: their 32 bytes in base64 (RFC 8032 5.1.5).
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    reference = models.CharField(max_length=60, unique=True)
    public_key = models.CharField(max_length=44)
    private_key = PracticeSealedText()
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="signing_key_time"),
        ]


class Nonce(PracticeModel):
    """The nonce of a signature that was used: with the same key it is good for nothing more (RFC 9421 2.3).

    It goes when the signature's time is over and would be refused in any case. `digest`: its SHA-256.
    """

    PERSONAL_DATA = "None."
    RETENTION = "window"

    key = PracticeForeignKey(PartnerKey, models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint("practice", "key", "digest", name="nonce_once")]
        indexes = [models.Index(fields=["practice", "used_at"], name="nonce_by_age")]
