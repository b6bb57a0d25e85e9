"""How an address is written to which changes may be reported."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from sprechzeit.core.peers import Unusable, target_of


def is_webhook_address(url: str) -> bool:
    """Whether changes may be reported to what is written so; what it stands for is asked when it is called (OTV-9)."""
    try:
        target_of(url, settings.WEBHOOK_NETWORKS)
        URLValidator(schemes=["http", "https"])(url)
    except (Unusable, ValidationError):
        return False
    return True
