"""How an address is written to which changes may be reported."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from sprechzeit.core.peers import Unusable, is_address, may_be_called, target_of


def is_webhook_address(url: str) -> bool:
    """Whether changes may be reported to it, as it is written; what a name stands for is asked later (OTV-9)."""
    try:
        host = target_of(url, settings.WEBHOOK_NETWORKS).host
        URLValidator(schemes=["http", "https"])(url)
    except (Unusable, ValidationError):
        return False
    return not is_address(host) or may_be_called(host, settings.WEBHOOK_NETWORKS)
