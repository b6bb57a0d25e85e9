"""Where a consultation is held."""

from typing import Any

from django.urls import get_script_prefix, reverse

from sprechzeit.video.queries.consultation import Meeting


def call_url(meeting: Meeting) -> str:
    """The practitioner's page."""
    found: dict[str, Any] = {"video:appointment": meeting.video.appointment_id, "video:visit": meeting.video.block_id}
    name, of = next((name, of) for name, of in found.items() if of)
    return reverse(name, args=[of])


def call_urls(meeting: Meeting) -> dict[str, str]:
    """What the practitioner's page asks for. The stream is not Django's: it is at one address in every practice."""
    names = ("seat", "signal", "relays", "departure", "waiting", "admission", "end", "soon")
    urls = {name: reverse(f"video:{name}", args=[meeting.id]) for name in names}
    stream = reverse("video:seat", args=[meeting.id]).removeprefix(get_script_prefix()).removesuffix("seat/")
    return urls | {"side": "practitioner", "events": f"/{stream}events/?practice={meeting.video.practice_id}"}


def guest_urls(link: str) -> dict[str, str]:
    """What the patient's page asks for."""
    names = ("seat", "signal", "relays", "departure")
    urls = {name: reverse(f"video:join_{name}", args=[link]) for name in names}
    return urls | {"side": "patient", "events": f"{reverse('video:join', args=[link])}events/"}
