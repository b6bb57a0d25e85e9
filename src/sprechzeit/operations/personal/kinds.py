"""What stands in a personal backup: each table of a practice, by what the policies let the actor see of it (ACC-6).

A test fails for a table that is neither here nor in `WITHOUT`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.dates import WEEKDAYS

from sprechzeit.access.actor import Actor
from sprechzeit.messages.models import Message, MessageTemplate, Reminder
from sprechzeit.messages.policy import visible_messages, visible_reminders
from sprechzeit.messages.policy import visible_templates as visible_templates_of_messages
from sprechzeit.operations.policy import (
    Visible,
    all_calendars,
    all_types,
    of_practice,
    visible_accesses,
    visible_contacts,
    whole_patients,
    within,
)
from sprechzeit.patients import models as patients
from sprechzeit.patients.policy import (
    fields_seen_of,
    visible_consents,
    visible_imports,
    visible_merges,
    visible_patients,
    visible_proposals,
    visible_shares,
    visible_tags,
)
from sprechzeit.practice import models as practice
from sprechzeit.practice.models import PracticeModel
from sprechzeit.practice.policy import open_invitations, visible_members, visible_partners, visible_rooms
from sprechzeit.records import models as records
from sprechzeit.records.content import Content
from sprechzeit.records.errors import DocumentFileMissing
from sprechzeit.records.files import CONTENT, read_file
from sprechzeit.records.naming import file_name
from sprechzeit.records.policy import (
    FIELDS,
    fields_seen,
    visible_documents,
    visible_notes,
    visible_report_templates,
    visible_reports,
    visible_sessions,
    visible_templates,
)
from sprechzeit.records.report_text import Letter
from sprechzeit.scheduling import models as scheduling
from sprechzeit.scheduling.policy import visible_absences, visible_appointments, visible_blocks, visible_offerings
from sprechzeit.video.models import Visit
from sprechzeit.video.policy import visible_visits

Hidden = Mapping[Any, Collection[str]]
File = tuple[str, Iterable[bytes]]


def _nothing(actor: Actor, rows: Sequence[Any]) -> Hidden:
    return {}


@dataclass(frozen=True, eq=False)
class Kind:
    """A table. `columns`: what people read of a row, all that is not technical where none are named; in the JSON stands
    the whole row. `patient`: the way to whom a row is about. `hidden`: fields that the actor does not see, by row.
    `words`: a value in words, by its column. `files`: what belongs to a row beside it, by name.
    """

    model: type[PracticeModel]
    visible: Visible
    columns: tuple[str, ...] = ()
    patient: str = ""
    hidden: Callable[[Actor, Sequence[Any]], Hidden] = _nothing
    words: Mapping[str, Callable[[Any], str]] | None = None
    files: Callable[[Actor, Any], Iterator[File]] | None = None

    @property
    def table(self) -> str:
        """The table's name, and that of its files in the archive."""
        return self.model._meta.db_table


def _hidden_of_patients(actor: Actor, rows: Sequence[patients.Patient]) -> Hidden:
    seen = fields_seen_of(actor, rows)
    every = {field.name for field in patients.Patient._meta.concrete_fields} - {"id", "practice"}
    return {key: every - fields for key, fields in seen.items() if fields is not None}


def _hidden_of_sessions(actor: Actor, rows: Sequence[records.Session]) -> Hidden:
    return {one.pk: FIELDS - fields_seen(actor, one) for one in rows}


def _note(kept: str) -> str:
    """What a note says, as text."""
    return "\n\n".join(f"{one.name}\n{one.text}" for one in Content.from_json(kept).fields)


def _document(actor: Actor, row: records.Document) -> Iterator[File]:
    """Its file as it is opened on its page; one that is missing stops nothing, and is named."""
    if row.is_removed:
        return
    name = file_name(row.title, row.media_type)
    try:
        yield name, [read_file(row.practice_id, row.pk, CONTENT, row.secret)]
    except DocumentFileMissing as error:
        yield f"{name}.txt", [str(error).encode()]


def _letter(actor: Actor, row: records.FiledReport) -> Iterator[File]:
    """The PDF that was filed."""
    yield "report.pdf", [row.pdf]


def _report(kept: str) -> str:
    """What a report says, as text."""
    letter = Letter.from_json(kept)
    return "\n\n".join(one for one in (letter.title, "\n".join(letter.recipient), letter.text) if one)


_WEEKLY = ("weekday", "starts", "ends", "valid_from", "valid_until", "every_weeks")
_IN_A_WEEK: Mapping[str, Callable[[Any], str]] = {
    "weekday": lambda day: str(WEEKDAYS[day]),
    # Minutes of the day.
    "starts": lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}",
    "ends": lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}",
}
_notes = within(records.NoteVersion, "note", visible_notes)
_grants = within(practice.GrantedArea, "grant", visible_accesses)
KINDS: tuple[Kind, ...] = (
    Kind(
        patients.Patient,
        visible_patients,
        (
            "number",
            "salutation",
            "title",
            "first_name",
            "last_name",
            "birth_name",
            "date_of_birth",
            "gender",
            "street",
            "postcode",
            "town",
            "country",
            "insurance",
            "insurer",
            "insurance_number",
            "channel",
            "reminders",
            "remarks",
            "warnings",
            "language",
            "archived_at",
        ),
        patient="id",
        hidden=_hidden_of_patients,
    ),
    Kind(patients.ContactPoint, visible_contacts, ("kind", "value"), "patient_id"),
    Kind(
        patients.RelatedPerson,
        within(patients.RelatedPerson, "patient", whole_patients),
        ("kind", "person", "name", "street", "postcode", "town", "country", "phone", "email"),
        "patient_id",
    ),
    Kind(patients.PatientTag, within(patients.PatientTag, "patient", whole_patients), ("tag",), "patient_id"),
    Kind(patients.ContactProposal, visible_proposals, ("kind", "value", "proposed_at", "decision"), "patient_id"),
    Kind(
        scheduling.Appointment,
        visible_appointments,
        ("starts_at", "ends_at", "type", "calendar", "room", "patient", "remark", "source"),
        "patient_id",
    ),
    Kind(
        scheduling.Cancellation,
        within(scheduling.Cancellation, "appointment", visible_appointments),
        ("appointment", "reason", "cancelled_by", "cancelled_at"),
        "appointment__patient_id",
    ),
    Kind(
        scheduling.Attendance,
        within(scheduling.Attendance, "appointment", visible_appointments),
        ("appointment", "state", "recorded_by", "recorded_at"),
        "appointment__patient_id",
    ),
    Kind(
        scheduling.Booker,
        within(scheduling.Booker, "appointment", visible_appointments),
        ("appointment", "relation", "first_name", "last_name", "mobile"),
        "appointment__patient_id",
    ),
    Kind(
        records.Session,
        visible_sessions,
        ("starts_at", "duration_minutes", "kind", "practitioner", "price_cents", "patient"),
        "patient_id",
        hidden=_hidden_of_sessions,
    ),
    Kind(
        records.Note,
        visible_notes,
        ("session", "created_at"),
        "session__patient_id",
    ),
    Kind(
        records.NoteVersion,
        _notes,
        ("note", "number", "written_at", "written_by", "text"),
        "note__session__patient_id",
        words={"text": _note},
    ),
    Kind(
        records.Signature,
        within(records.Signature, "note", visible_notes),
        ("note", "signed_by", "signed_at"),
        "note__session__patient_id",
    ),
    Kind(
        records.Amendment,
        within(records.Amendment, "note", visible_notes),
        ("note", "written_at", "written_by", "text"),
        "note__session__patient_id",
    ),
    Kind(
        records.Document,
        visible_documents,
        ("dated_on", "title", "media_type", "remark", "session", "added_by", "added_at"),
        "patient_id",
        files=_document,
    ),
    Kind(
        records.DocumentRemoval,
        within(records.DocumentRemoval, "document", visible_documents),
        ("document", "reason", "removed_by", "removed_at"),
        "document__patient_id",
    ),
    Kind(
        records.SessionWithdrawal,
        within(records.SessionWithdrawal, "session", visible_sessions),
        ("session", "withdrawn_by", "withdrawn_at"),
        "session__patient_id",
    ),
    Kind(
        records.Report,
        visible_reports,
        ("begun_at", "practitioner", "content", "kept_by", "kept_at"),
        "patient_id",
        words={"content": _report},
    ),
    Kind(
        records.FiledReport,
        within(records.FiledReport, "report", visible_reports),
        ("filed_by", "filed_at"),
        "report__patient_id",
        files=_letter,
    ),
    Kind(
        patients.Merge, visible_merges, ("given_up", "merged_by", "merged_at", "undone_by", "undone_at"), "patient_id"
    ),
    Kind(
        Message,
        visible_messages,
        ("created_at", "kind", "address", "subject", "text", "sent_at", "failed_at"),
        "appointment__patient_id",
    ),
    Kind(patients.Share, visible_shares, ("member", "shared_by", "shared_at"), "patient_id"),
    Kind(
        patients.Consent,
        visible_consents,
        ("partner", "value", "how", "given_on", "note", "recorded_by", "recorded_at"),
        "patient_id",
    ),
    Kind(practice.Partner, visible_partners),
    Kind(
        patients.PatientImport,
        visible_imports,
        ("file_name", "brought_by", "brought_at", "finished_at", "entered", "left_out", "taken_back_at", "removed"),
    ),
    Kind(patients.Tag, visible_tags, ("name",)),
    Kind(scheduling.Block, visible_blocks, ("calendar", "title", "starts_at", "ends_at", "all_day")),
    Kind(
        Visit,
        visible_visits,
        ("member", "first_name", "last_name", "email", "mobile", "block", "created_at", "changed_at", "cancelled_at"),
    ),
    Kind(scheduling.Calendar, all_calendars, ("name", "initials", "member", "retired_at")),
    Kind(scheduling.AppointmentType, all_types),
    Kind(scheduling.Offering, visible_offerings, ("type", "calendar")),
    Kind(scheduling.OfferingRoom, within(scheduling.OfferingRoom, "offering", visible_offerings), ("room",)),
    Kind(
        scheduling.WorkingHours,
        within(scheduling.WorkingHours, "calendar", all_calendars),
        ("calendar", *_WEEKLY),
        words=_IN_A_WEEK,
    ),
    Kind(
        scheduling.Shift,
        within(scheduling.Shift, "calendar", all_calendars),
        ("calendar", "works_on", "starts", "ends"),
        words=_IN_A_WEEK,
    ),
    Kind(scheduling.BookingWindow, of_practice(scheduling.BookingWindow), ("calendar", *_WEEKLY), words=_IN_A_WEEK),
    Kind(scheduling.BookingWindowType, of_practice(scheduling.BookingWindowType), ("type",)),
    Kind(scheduling.OpenHoliday, of_practice(scheduling.OpenHoliday)),
    Kind(scheduling.Absence, visible_absences, ("calendar", "starts_at", "ends_at", "all_day", "reason")),
    Kind(Reminder, visible_reminders, ("type", "hours_before", "channel", "is_on")),
    Kind(MessageTemplate, visible_templates_of_messages, ("event", "channel", "language", "type", "subject", "text")),
    Kind(records.ReportTemplate, visible_report_templates, ("name", "body", "created_by", "opened_at", "retired_at")),
    Kind(records.NoteTemplate, visible_templates, ("name", "fields", "created_by", "opened_at", "retired_at")),
    Kind(practice.Room, visible_rooms, ("name", "retired_at")),
    Kind(practice.Member, visible_members, ("name", "role", "initials", "account_number", "created_at")),
    Kind(practice.Invitation, open_invitations, ("email", "role", "invited_by", "sent_at", "expires_at")),
    Kind(
        practice.AccessGrant,
        visible_accesses,
        ("name", "email", "purpose", "given_by", "given_at", "ends_on", "accepted_at", "revoked_at", "revoked_by"),
    ),
    Kind(practice.GrantedArea, _grants, ("grant", "area", "member")),
)
# Left out, and why. An administrator's archive has them all the same in its part that can be restored.
WITHOUT: Mapping[str, str] = {
    "practice_datakey": "a key",
    "practice_smsgateway": "the address of another program, with its secret",
    "integrations_formerservice": "the address of another program, with its secret",
    "integrations_push": "what the video service was told of appointments, which are there",
    "practice_videoservice": "the address of another program, with its secret",
    "practice_videotoken": "hashes of secrets",
    "scheduling_videoappointment": "links that open a consultation",
    "video_consultation": "when consultations began and ended",
    "video_seat": "who is at a consultation now",
    "video_signal": "what two browsers tell each other until they are connected",
    "practice_partnerkey": "keys of booking portals, which the portals have",
    "partners_signingkey": "keys with which the practice signs for booking portals",
    "partners_answer": "what booking portals were answered, for seven days",
    "video_answer": "what booking systems were answered, for seven days",
    "video_visitmessage": "what the video side wrote to people of booking systems, which goes after 90 days",
    "partners_nonce": "hashes of minutes",
    "partners_event": "what booking portals were told of appointments, which are there",
    "partners_delivery": "when booking portals were told of it",
    "partners_feed": "a number",
    "partners_webhookoff": "that an address of a booking portal is gone",
    "practice_idempotencykey": "hashes of a day",
    "privacy_retentionperiod": "how long the practice keeps what, as its settings say",
    "privacy_deletionreport": "how much was deleted when: counts of what is not there",
    "practice_logo": "a picture that stands on the booking page",
    "patients_searchentry": "made of the master data",
    "patients_handedchange": "made of the master data",
    "patients_possibleduplicate": "what a job has found, for the work list",
    "patients_tocompare": "what a job is still to do",
    "records_notedraft": "what is being typed; what was saved is a version",
    "scheduling_occupancy": "the times of appointments and blocks, again",
    "scheduling_hold": "times that visitors keep while they type",
    "scheduling_appointmentlink": "hashes of secrets",
    "scheduling_bookingcode": "codes of a day",
    "scheduling_bookchange": "what can be undone for a moment",
    "scheduling_calendarimport": "what came in stands with the blocks",
    "scheduling_monthnotice": "that somebody was told of the plan's limit",
    "scheduling_nextfree": "computed",
    "patients_importpart": "lines of a file, deleted after a day",
    "community_membership": "a community is of several practices, and stays where they are",
    "community_communitycode": "a secret of a week",
    "community_communityevent": "a community is of several practices, and stays where they are",
    "operations_personalbackup": "the backups themselves",
    "operations_backuppiece": "the backups themselves",
}


def practice_tables() -> dict[str, type[Model]]:
    """Every table of practices, of all rooms: one that is made tomorrow is found tomorrow."""
    return {one._meta.db_table: one for one in apps.get_models() if issubclass(one, PracticeModel)}
