"""The log of messages: what was sent when, to which address, with what result (NOT-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.messages.models import Message
from sprechzeit.messages.policy import visible_messages
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.models import Appointment

_UNDONE = Q(sent_at=None, failed_at=None, withdrawn_at=None)
STATES: Mapping[str, Q] = {
    "failed": Q(failed_at__isnull=False),
    "again": _UNDONE & Q(attempts__gt=0),
    "waiting": _UNDONE & Q(attempts=0),
}
"""What became of a message: given up, tried again, not tried yet."""
SPANS: Mapping[str, int] = {"today": 1, "week": 7, "month": 30}
"""Of how many days, today among them, by when messages were made."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the log is shown; empty for all."""

    state: str = ""
    span: str = ""
    channel: str = ""

    def q(self, actor: Actor) -> Q:
        """For the database."""
        found = STATES.get(self.state, Q())
        if self.span in SPANS:
            now = timezone.now().astimezone(practice_of(actor).zone)
            first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=SPANS[self.span] - 1)
            found &= Q(created_at__gte=first)
        if self.channel in Message.WAYS:
            found &= Q(channel=self.channel)
        return found


def logged_messages(actor: Actor, wanted: Filter) -> QuerySet[Message]:
    """The messages that a filter lets through, those given up first, else the latest first; without their texts."""
    found = visible_messages(actor).filter(wanted.q(actor)).defer("text")
    with_whom = ("appointment", "appointment__patient", "appointment__type", "appointment__calendar")
    return found.select_related(*with_whom).order_by(F("failed_at").desc(nulls_last=True), "-created_at", "-pk")


def count_by_state(actor: Actor, wanted: Filter) -> dict[str, int]:
    """How many there are of each state, within span and channel of the filter."""
    within = visible_messages(actor).filter(Filter("", wanted.span, wanted.channel).q(actor))
    return {state: within.filter(which).count() for state, which in STATES.items()}


def messages_about(actor: Actor, appointment: Appointment) -> list[Message]:
    """What was sent about an appointment, or is to be, to anybody; the latest first."""
    found = visible_messages(actor).filter(appointment=appointment).defer("text")
    return list(found.select_related("appointment__calendar").order_by("-created_at", "-pk"))
