"""Where booking systems call."""

from django.conf import settings

PREFIX = "/api/video/v1"


def base_url() -> str:
    """What a booking system enters as the address of the interface."""
    return f"{settings.PUBLIC_URL}{PREFIX}"
