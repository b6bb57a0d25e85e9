"""The one table 'event → what follows'. Each reaction is a job, deferred in the transaction of the change."""

from collections.abc import Mapping, Sequence
from typing import Any

from sprechzeit.core import events


def table() -> Mapping[type[events.Event], Sequence[events.Reaction]]:
    """Built late: it names events and jobs of all rooms."""
    from sprechzeit.messages.jobs import send_booked, send_cancelled
    from sprechzeit.practice.events import PracticeChanged
    from sprechzeit.scheduling.events import AppointmentBooked, AppointmentCancelled
    from sprechzeit.scheduling.jobs import refresh_books

    return {
        PracticeChanged: [refresh_books],
        AppointmentBooked: [send_booked],
        AppointmentCancelled: [send_cancelled],
    }


def connect(_app: Any) -> None:
    """Called when the job library is ready, in every process."""
    events.connect(table())
