"""Who is asked to come into a practice."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models.base import PracticeModel
from sprechzeit.practice.models.facts import Member


class Invitation(PracticeModel):
    """Somebody who was invited by mail into the practice (ACC-8).

    `sending`: what the secret in the mail is computed from; another one each time it is sent.
    """

    PERSONAL_DATA = "E-mail address of somebody who is to work in the practice."
    RETENTION = "practice"

    email = models.EmailField(_("E-mail"), max_length=254)
    role = models.CharField(
        _("Role"), max_length=20, choices=Member.RoleChoice.choices, default=Member.RoleChoice.PRACTITIONER
    )
    invited_by = models.CharField(max_length=60)
    sending = models.UUIDField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "practice",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_once",
            ),
        ]
