"""By which gateway the practice sends SMS (NOT-1)."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sprechzeit.practice.models.base import PracticeModel, PracticeSealedText
from sprechzeit.practice.models.facts import Practice

SENDER = r"^([A-Za-z0-9 .&_-]{1,11}|\+?[0-9]{3,15})$"
"""Who an SMS may say it comes from: eleven letters, or a number (3GPP TS 23.040 9.1.2.5)."""
FIELD_NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$"
_FIELD = RegexValidator(FIELD_NAME)


class SmsGateway(PracticeModel):
    """The service that takes the practice's SMS over HTTP.

    It is asked by POST of a JSON object. `token`: with which the practice is known there; `sign_in`: how it goes along.
    `number_field`, `text_field`, `sender_field`: what the gateway calls these in its object. `sender`: who the SMS says
    it comes from; empty leaves it to the gateway. `test_id`, `test_number`: the last test message, asked for at
    `tested_at`; `test_result`: empty while it is on its way, 'taken', or why it was not.
    """

    PERSONAL_DATA = "The phone number to which the last test went."
    RETENTION = "practice"

    TAKEN = "taken"

    class SignIn(models.TextChoices):
        BEARER = "bearer", _("Authorization: Bearer")
        BASIC = "basic", _("Authorization: Basic")
        API_KEY = "api_key", _("X-Api-Key")

    practice = models.OneToOneField(Practice, models.PROTECT, related_name="sms_gateway")
    is_on = models.BooleanField(_("Send SMS"), default=False)
    url = models.URLField(_("Address of the gateway"), max_length=300)
    token = PracticeSealedText(null=True)
    sender = models.CharField(_("Sender"), max_length=16, blank=True, validators=[RegexValidator(SENDER)])
    sign_in = models.CharField(
        _("The token goes along as"), max_length=8, choices=SignIn.choices, default=SignIn.BEARER
    )
    number_field = models.CharField(_("Field of the number"), max_length=40, default="to", validators=[_FIELD])
    text_field = models.CharField(_("Field of the text"), max_length=40, default="text", validators=[_FIELD])
    sender_field = models.CharField(_("Field of the sender"), max_length=40, default="from", validators=[_FIELD])
    test_id = models.UUIDField(null=True)
    test_number = models.CharField(_("Mobile number"), max_length=20, blank=True, default="", db_default="")
    tested_at = models.DateTimeField(null=True)
    test_result = models.CharField(max_length=20, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            # Encrypted, but to this machine: that is for tests and development, where a setting allows it.
            models.CheckConstraint(
                condition=Q(url__regex=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])"), name="sms_gateway_https"
            ),
            models.CheckConstraint(condition=Q(sender="") | Q(sender__regex=SENDER), name="sms_gateway_sender"),
            models.CheckConstraint(
                condition=Q(
                    number_field__regex=FIELD_NAME, text_field__regex=FIELD_NAME, sender_field__regex=FIELD_NAME
                ),
                name="sms_gateway_fields",
            ),
        ]
