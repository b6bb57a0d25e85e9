"""What the log speaks of, in words: a table of the database is a kind of thing to people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Kind: what it is called, and its tables with what one row of them is.
KINDS: dict[str, tuple[Promise, dict[str, Promise]]] = {
    "patients": (
        _("Patients"),
        {
            "patients_patient": _("Patient record"),
            "patients_contactpoint": _("Contact"),
            "patients_contactproposal": _("Proposed contact"),
            "patients_relatedperson": _("Guardian or payer"),
            "patients_patienttag": _("Tag of a record"),
            "patients_share": _("Data sharing"),
            "patients_merge": _("Merging of two records"),
            "patients_possibleduplicate": _("Possible duplicate"),
            "patients_patientimport": _("Import of patients"),
            "patients_consent": _("Consent"),
        },
    ),
    "appointments": (
        _("Appointments"),
        {
            "scheduling_appointment": _("Appointment"),
            "scheduling_booker": _("Who booked"),
            "scheduling_cancellation": _("Cancellation"),
            "scheduling_attendance": _("Attendance"),
            "scheduling_block": _("Blocked time"),
            "scheduling_calendarimport": _("Calendar import"),
            "scheduling_videoappointment": _("Video consultation"),
            "video_visit": _("Appointment that a booking system pushed"),
            "video_consultation": _("Course of a video consultation"),
        },
    ),
    "sessions": (
        _("Documentation"),
        {
            "records_session": _("Session"),
            "records_sessionwithdrawal": _("Session entered by mistake"),
            "records_note": _("Session note"),
            "records_noteversion": _("Version of a note"),
            "records_signature": _("Signature"),
            "records_amendment": _("Amendment"),
            "records_notetemplate": _("Template of notes"),
            "records_document": _("Document"),
            "records_documentremoval": _("Document taken out of the record"),
            "records_report": _("Report"),
            "records_filedreport": _("Filed report"),
            "records_reporttemplate": _("Template of reports"),
        },
    ),
    "messages": (
        _("Messages"),
        {
            "messages_message": _("Message"),
            "messages_messagetemplate": _("Text of a message"),
            "messages_reminder": _("Reminder"),
            "video_visitmessage": _("Message of the video side"),
        },
    ),
    "hours": (
        _("Working hours and absences"),
        {
            "scheduling_workinghours": _("Working hours"),
            "scheduling_shift": _("Shift"),
            "scheduling_absence": _("Absence"),
            "scheduling_openholiday": _("Public holiday"),
            "scheduling_bookingwindow": _("Booking window"),
        },
    ),
    "settings": (
        _("Settings"),
        {
            "practice_practice": _("Practice data"),
            "practice_logo": _("Logo"),
            "patients_tag": _("Tag"),
            "operations_personalbackup": _("Personal backup"),
            "practice_room": _("Room"),
            "practice_smsgateway": _("SMS gateway"),
            "practice_videoservice": _("Video service"),
            "integrations_formerservice": _("Former video service"),
            "integrations_push": _("Change told to the video service"),
            "practice_videotoken": _("Token of a booking system"),
            "privacy_retentionperiod": _("Retention period"),
            "practice_partner": _("Booking partner"),
            "practice_partnerkey": _("Key of a booking partner"),
            "partners_delivery": _("Change reported to a booking partner"),
            "partners_webhookoff": _("Address of a booking partner that is gone"),
            "partners_signingkey": _("Key of the practice for booking partners"),
            "community_communityevent": _("Calendar community"),
            "scheduling_calendar": _("Calendar"),
            "scheduling_appointmenttype": _("Appointment type"),
            "scheduling_offering": _("Who offers an appointment type"),
        },
    ),
    "people": (
        _("Members"),
        {
            "practice_member": _("Member"),
            "practice_invitation": _("Invitation"),
            "practice_accessgrant": _("Access"),
            "practice_grantedarea": _("Area of an access"),
        },
    ),
    "log": (_("Log"), {"audit_entry": _("Log")}),
}
# Written with what is listed above, and of no meaning by itself: kept and proved in the log, not shown on its page.
TECHNICAL = {
    "practice_datakey",
    "practice_idempotencykey",
    "scheduling_occupancy",
    "scheduling_hold",
    "scheduling_appointmentlink",
    "scheduling_bookingcode",
    "scheduling_bookchange",
    "scheduling_bookingwindowtype",
    "scheduling_offeringroom",
    "scheduling_monthnotice",
    # Lines of a file: read, entered, deleted after a day.
    "patients_importpart",
    # Each of its changes is an event of the community, in words.
    "community_membership",
    "community_communitycode",
    # What somebody types, every few seconds; what they save is a version.
    "records_notedraft",
}
THINGS: dict[str, Promise] = {table: word for _label, tables in KINDS.values() for table, word in tables.items()}


# What was done: what it is called, and the log's operations.
DONE: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "opened": (_("Opened"), ("read",)),
    "listed": (_("Seen in a list or search"), ("list", "search")),
    "entered": (_("Entered"), ("insert",)),
    "changed": (_("Changed"), ("update",)),
    "cancelled": (_("Cancelled"), ("insert",)),
    "deleted": (_("Deleted"), ("delete",)),
    "handed_out": (_("Handed out to a partner"), ("handed_out",)),
    "refused": (_("Refused to another program"), ("refused",)),
    "exported": (_("Taken out as a file"), ("export",)),
    "erased": (_("Former values erased"), ("erase",)),
}
# An appointment that is cancelled stays; its cancellation is a row of its own.
CANCELLATION = ("scheduling_cancellation", "insert")


def sought(kind: str, done: str) -> list[tuple[str, str]]:
    """Pairs of table and operation that show a kind of thing and what was done to it; empty words narrow nothing."""
    every = [one for name, (_label, found) in DONE.items() if name != "cancelled" for one in found]
    operations = DONE[done][1] if done else every
    pairs = [(table, operation) for table in tables_of(kind) for operation in operations]
    match done:
        case "cancelled":
            return [one for one in pairs if one == CANCELLATION]
        case "entered":
            return [one for one in pairs if one != CANCELLATION]
        case _:
            return pairs


def tables_of(kind: str) -> list[str]:
    """The tables of a kind; of all of them without one."""
    return list(KINDS[kind][1]) if kind else list(THINGS)
