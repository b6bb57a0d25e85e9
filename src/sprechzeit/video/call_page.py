"""The practitioner's page of a call."""

import json
from typing import Any

from django.urls import reverse
from django.utils import timezone

from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest
from sprechzeit.video.addresses import call_urls
from sprechzeit.video.queries.consultation import Meeting


def call_context(request: ActorRequest, meeting: Meeting) -> dict[str, Any]:
    """What the page shows and asks for."""
    zone = practice_of(request.actor).zone
    now = timezone.now()
    patient = meeting.video.appointment.patient if meeting.video.appointment else None
    return {
        "facts": json.dumps(call_urls(meeting)),
        "waiting_url": reverse("video:waiting", args=[meeting.id]),
        "meeting": meeting,
        "other": meeting.name,
        "born": patient.date_of_birth if patient else None,
        "record_url": reverse("patients:record", args=[patient.pk]) if patient else "",
        "documentation_url": reverse("records:documentation", args=[meeting.of.pk]) if patient else "",
        "starts_at": meeting.starts_at.astimezone(zone),
        "ends_at": meeting.ends_at.astimezone(zone),
        "opens_at": meeting.opening.opens_at.astimezone(zone),
        "minutes": int((meeting.ends_at - meeting.starts_at).total_seconds() // 60),
        "is_early": meeting.opening.is_early(now),
        "is_over": meeting.opening.is_over(now),
        "is_cancelled": meeting.is_cancelled,
        "is_on": bool(meeting.consultation and meeting.consultation.is_on),
        "seconds_on": meeting.consultation.seconds_on(timezone.now()) if meeting.consultation else 0,
    }
