"""The one table 'event → what follows'. Each reaction is a job, deferred in the transaction of the change."""

from collections.abc import Mapping, Sequence
from typing import Any

from sprechzeit.core import events


def table() -> Mapping[type[events.Event], Sequence[events.Reaction]]:
    """Built late: it names events and jobs of all rooms."""
    from sprechzeit.integrations.video_service.events import PushWanted, VideoLinkArrived, VideoServiceChanged
    from sprechzeit.integrations.video_service.jobs import push_all, push_appointment
    from sprechzeit.messages.events import MessageWantedAgain, ReminderDue, SampleWanted
    from sprechzeit.messages.jobs import (
        bring_link,
        follow_booking_undone,
        follow_cancellation_undone,
        send_booked,
        send_booking_code,
        send_cancelled,
        send_moved,
        send_once_more,
        send_reminder,
        send_sample,
        send_test_sms,
        tell_practitioner,
        tell_visit,
    )
    from sprechzeit.operations.events import BackupAsked
    from sprechzeit.operations.jobs import make_backup_of_member
    from sprechzeit.partners.events import DeliveryWantedAgain
    from sprechzeit.partners.jobs import deliver
    from sprechzeit.patients.events import ImportMapped, ImportStarted, ImportTakenBack, PatientsShared
    from sprechzeit.patients.jobs import enter_file, read_file, take_file_back
    from sprechzeit.practice.events import AccessChanged, AccessConcerns, MemberInvited, PracticeChanged, SmsTestAsked
    from sprechzeit.practice.jobs import send_invitation, tell_delegate, tell_of_access
    from sprechzeit.scheduling import events as book
    from sprechzeit.scheduling.jobs import refresh_books

    return {
        PracticeChanged: [refresh_books],
        # What was busy has a name now.
        PatientsShared: [refresh_books],
        ImportMapped: [read_file],
        ImportStarted: [enter_file],
        ImportTakenBack: [take_file_back],
        MemberInvited: [send_invitation],
        AccessChanged: [tell_delegate],
        AccessConcerns: [tell_of_access],
        book.BookingCodeAsked: [send_booking_code],
        book.AppointmentBooked: [send_booked, tell_practitioner],
        book.AppointmentCancelled: [send_cancelled],
        book.AppointmentMoved: [],
        book.AppointmentTold: [send_moved],
        book.VideoChanged: [push_appointment],
        PushWanted: [push_appointment],
        VideoServiceChanged: [push_all],
        VideoLinkArrived: [bring_link],
        BackupAsked: [make_backup_of_member],
        SmsTestAsked: [send_test_sms],
        ReminderDue: [send_reminder],
        MessageWantedAgain: [send_once_more],
        SampleWanted: [send_sample],
        DeliveryWantedAgain: [deliver],
        book.BookingUndone: [follow_booking_undone],
        book.CancellationUndone: [follow_cancellation_undone],
        book.PushedChanged: [tell_visit],
    }


def connect(_app: Any) -> None:
    """Called when the job library is ready, in every process."""
    events.connect(table())
