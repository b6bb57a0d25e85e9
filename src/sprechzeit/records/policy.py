"""Who sees and writes sessions, notes, documents and reports. Decided here and nowhere else.

Sessions and notes are asked by rows of their own of the one table: who may see that somebody was treated, and move its
date and price, may not even know whether something was written about it (ACC-1, ACC-6, ACC-22).
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.fields import fields_of
from sprechzeit.access.table import Area, Column, Data, Reach, Role, Use, reach_of
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotFound
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import get_patient, opens, seen_by
from sprechzeit.practice.models import Member
from sprechzeit.records.models import Document, Note, NoteTemplate, Report, ReportTemplate, Session
from sprechzeit.scheduling.models import Appointment

# What there is to a session, as access/fields.py names it.
FIELDS = frozenset({"date", "starts_at", "duration_minutes", "price_cents", "kind", "practitioner"})


def visible_sessions(actor: Actor) -> QuerySet[Session]:
    """ACC-1, ACC-4, ACC-22: one's own, those of the patients whom one sees, or those of the members of one's access."""
    sessions = Session.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.SESSIONS) is Reach.ALL:
        return sessions
    members = actor.practitioners(Data.SESSIONS)
    seen = Q(practitioner_id__in=members) | seen_by(members, "patient")
    return sessions.filter(seen) if members else sessions.none()


def get_session(actor: Actor, session_id: UUID) -> Session:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    sessions = visible_sessions(actor).select_related("patient", "practitioner", "withdrawal")
    session = sessions.filter(pk=session_id).first()
    if session is None:
        raise NotFound
    return session


def noted_sessions(actor: Actor) -> QuerySet[Session]:
    """The sessions whose notes the actor reads, be there one or not: nothing else tells that there is one (DOC-1)."""
    sessions = Session.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.NOTES) is Reach.ALL:
        return sessions
    members = actor.practitioners(Data.NOTES)
    seen = Q(practitioner_id__in=members) | seen_by(members, "patient")
    return sessions.filter(seen) if members else sessions.none()


def reads_note(actor: Actor, session: Session) -> bool:
    """Whether the actor may read what was written about a session."""
    return noted_sessions(actor).filter(pk=session.pk).exists()


def get_noted_session(actor: Actor, session_id: UUID) -> Session:
    """One whose note the actor reads. Raises NotFound, also for who sees the session itself."""
    sessions = noted_sessions(actor).select_related("patient", "practitioner", "withdrawal")
    session = sessions.filter(pk=session_id).first()
    if session is None:
        raise NotFound
    return session


def visible_notes(actor: Actor) -> QuerySet[Note]:
    """What was written about the sessions whose notes the actor reads."""
    return Note.objects.filter(practice_id__in=actor.practices, session__in=noted_sessions(actor))


def may_write_note(actor: Actor, session: Session) -> bool:
    """A note stays its author's to change (ACC-4): who treated, who has an access to their documentation, or an
    administrator. Nobody writes about a session that was entered by mistake.
    """
    return not hasattr(session, "withdrawal") and may_withdraw_session(actor, session)


def may_withdraw_session(actor: Actor, session: Session) -> bool:
    """Who writes about a session says that it was entered by mistake, or that it was none."""
    if actor.reach(Data.NOTES, Use.WRITE) is Reach.ALL:
        return True
    return session.practitioner_id in actor.practitioners(Data.NOTES, Use.WRITE)


def may_sign_note(actor: Actor, session: Session) -> bool:
    """Who writes it as a member of the practice: what an access opens is written for somebody else."""
    return actor.kind is ActorKind.MEMBER and may_write_note(actor.by_role(), session)


def fields_seen(actor: Actor, session: Session) -> frozenset[str]:
    """Which of `FIELDS` of a visible session the actor sees (ACC-22)."""
    return _fields(actor, session, Use.READ)


def fields_changed(actor: Actor, session: Session) -> frozenset[str]:
    """Which of `FIELDS` of a visible session the actor may change: a secretary its date, length and price (ACC-1).

    The practitioner and the patient of a session stay. What locks a field for everybody is taken out here (DOC-5), and
    all of them of one that was entered by mistake.
    """
    if hasattr(session, "withdrawal"):
        return frozenset()
    return _fields(actor, session, Use.WRITE) - {"practitioner"}


def _fields(actor: Actor, session: Session, use: Use) -> frozenset[str]:
    """By role or by an area, whichever gives more."""
    columns: list[tuple[Column, frozenset[UUID]]] = [(actor.role, frozenset())]
    if actor.kind is ActorKind.MEMBER:
        columns = [(actor.role, frozenset({actor.identity}))]
    columns += actor.granted
    found: set[str] = set()
    for column, members in columns:
        if _reaches(column, members, session, use):
            found |= FIELDS if (some := fields_of(column, Data.SESSIONS, use)) is None else some & FIELDS
    return frozenset(found)


def _reaches(column: Column, members: frozenset[UUID], session: Session, use: Use) -> bool:
    reach = reach_of(column, Data.SESSIONS, use)
    if reach is Reach.ALL:
        return True
    if reach < Reach.OWN or not members:
        return False
    if session.practitioner_id in members:
        return True
    # Another's session of a patient whom they see is read, and stays the other's to change.
    return use is Use.READ and Session.objects.filter(seen_by(members, "patient"), pk=session.pk).exists()


# --- New sessions ---------------------------------------------------------------------------------------------------


def session_practitioners(actor: Actor) -> QuerySet[Member]:
    """For whom the actor enters sessions: administrators for all who treat, practitioners for themselves, an access to
    the documentation for its members. A secretary adds none (ACC-1).
    """
    treating = Member.objects.filter(practice_id__in=actor.practices, left_at=None).exclude(role=Role.SECRETARY)
    by_role = reach_of(actor.role, Data.SESSIONS, Use.WRITE) is Reach.ALL
    if by_role and fields_of(actor.role, Data.SESSIONS, Use.WRITE) is None:
        return treating
    areas: list[frozenset[UUID]] = [of for area, of in actor.granted if area is Area.DOCUMENTATION]
    own = {actor.identity} if actor.kind is ActorKind.MEMBER else set()
    return treating.filter(pk__in=own.union(*areas))


def may_add_sessions(actor: Actor) -> bool:
    """Whether there is anybody for whom the actor enters sessions."""
    return session_practitioners(actor).exists()


def practitioner_of(actor: Actor, appointment: Appointment) -> UUID | None:
    """Who treats at an appointment: whose calendar it stands in; where it is nobody's, the member who documents it."""
    treats: UUID | None = appointment.calendar.member_id
    return treats or (actor.identity if actor.kind is ActorKind.MEMBER else None)


# --- Documents ------------------------------------------------------------------------------------------------------


def visible_documents(actor: Actor) -> QuerySet[Document]:
    """DOC-3, ACC-4, ACC-22: of the records that one sees; who may not see notes sees none, nor that there are any."""
    documents = Document.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.DOCUMENTS) is Reach.ALL:
        return documents
    members = actor.practitioners(Data.DOCUMENTS)
    return documents.filter(seen_by(members, "patient")) if members else documents.none()


def get_document(actor: Actor, document_id: UUID) -> Document:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    rows = visible_documents(actor).select_related("patient", "removal", "session__practitioner")
    document = rows.filter(pk=document_id).first()
    if document is None:
        raise NotFound
    return document


def documented_patients(actor: Actor, use: Use = Use.READ) -> QuerySet[Patient]:
    """The records whose documents the actor reads, or to which it adds some."""
    patients = Patient.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.DOCUMENTS, use) is Reach.ALL:
        return patients
    members = actor.practitioners(Data.DOCUMENTS, use)
    return patients.filter(seen_by(members)) if members else patients.none()


def may_add_documents(actor: Actor, patient: Patient) -> bool:
    """To whom a record is opened, to them it is to read and to add to (ACC-4)."""
    return documented_patients(actor, Use.WRITE).filter(pk=patient.pk).exists()


def may_change_document(actor: Actor, document: Document) -> bool:
    """Who put it there, whose record it is, and administrators (ACC-4)."""
    if actor.reach(Data.DOCUMENTS, Use.WRITE) is Reach.ALL:
        return True
    members = actor.practitioners(Data.DOCUMENTS, Use.WRITE)
    return document.patient.created_by_id in members or (bool(members) and document.added_by == actor.name)


# --- Reports --------------------------------------------------------------------------------------------------------


def visible_reports(actor: Actor) -> QuerySet[Report]:
    """One's own and those of the patients whom one sees, or of the members of one's access; drafts alone who writes."""
    reports = Report.objects.filter(practice_id__in=actor.practices)
    if actor.reach(Data.REPORTS) is Reach.ALL:
        return reports
    members = actor.practitioners(Data.REPORTS)
    if not members:
        return reports.none()
    writing = actor.practitioners(Data.REPORTS, Use.WRITE)
    shared = Q(filed__isnull=False) & (Q(practitioner_id__in=members) | seen_by(members, "patient"))
    return reports.filter(shared | Q(practitioner_id__in=writing))


def get_report(actor: Actor, report_id: UUID) -> Report:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    reports = visible_reports(actor).select_related("patient", "practitioner", "filed", "corrects__filed")
    # The files are read where they are asked for.
    report = reports.defer("filed__sealed_pdf", "corrects__filed__sealed_pdf").filter(pk=report_id).first()
    if report is None:
        raise NotFound
    return report


def get_reported_patient(actor: Actor, patient_id: UUID) -> Patient:
    """A patient of whom the actor reads reports. Raises NotFound, also for who sees the record and none of them."""
    patient = get_patient(actor, patient_id)
    require(opens(actor, patient, Data.REPORTS)[Data.REPORTS], NotFound)
    return patient


def report_practitioners(actor: Actor) -> QuerySet[Member]:
    """In whose name the actor writes: administrators in everybody's who treats, practitioners in their own, an access
    to the reports in its members'.
    """
    treating = Member.objects.filter(practice_id__in=actor.practices, left_at=None).exclude(role=Role.SECRETARY)
    if reach_of(actor.role, Data.REPORTS, Use.WRITE) is Reach.ALL:
        return treating
    areas: list[frozenset[UUID]] = [of for area, of in actor.granted if area is Area.REPORTS]
    own = {actor.identity} if actor.kind is ActorKind.MEMBER else set()
    return treating.filter(pk__in=own.union(*areas))


def may_write_report(actor: Actor, report: Report) -> bool:
    """It stays its author's to change (ACC-4): of who treats, who has an access to their reports, administrators."""
    if actor.reach(Data.REPORTS, Use.WRITE) is Reach.ALL:
        return True
    return report.practitioner_id in actor.practitioners(Data.REPORTS, Use.WRITE)


def may_file_report(actor: Actor, report: Report) -> bool:
    """Who writes it as a member of the practice: what an access opens is written for somebody else to file."""
    return actor.kind is ActorKind.MEMBER and may_write_report(actor.by_role(), report)


# --- Templates ------------------------------------------------------------------------------------------------------


def visible_templates(actor: Actor) -> QuerySet[NoteTemplate]:
    """One's own and those that were opened to everyone; administrators see all."""
    return NoteTemplate.objects.filter(_own_or_open(actor), practice_id__in=actor.practices)


def visible_report_templates(actor: Actor) -> QuerySet[ReportTemplate]:
    """The same of reports."""
    return ReportTemplate.objects.filter(_own_or_open(actor), practice_id__in=actor.practices)


def _own_or_open(actor: Actor) -> Q:
    if actor.reach(Data.TEMPLATES) is Reach.ALL:
        return Q()
    members = actor.practitioners(Data.TEMPLATES)
    return Q(created_by_id__in=members) | Q(opened_at__isnull=False) if members else Q(pk__in=())


def get_template(actor: Actor, template_id: UUID) -> NoteTemplate:
    """Raises NotFound alike for strangers and for ids that never were (ACC-6)."""
    template = visible_templates(actor).filter(pk=template_id).first()
    if template is None:
        raise NotFound
    return template


def get_report_template(actor: Actor, template_id: UUID) -> ReportTemplate:
    """The same of reports. Raises NotFound."""
    template = visible_report_templates(actor).filter(pk=template_id).first()
    if template is None:
        raise NotFound
    return template


def may_add_templates(actor: Actor) -> bool:
    """Members who document."""
    return actor.kind is ActorKind.MEMBER and actor.reach(Data.TEMPLATES, Use.WRITE) >= Reach.OWN


def may_change_template(actor: Actor, template: NoteTemplate | ReportTemplate) -> bool:
    """It stays its maker's; administrators change all."""
    if actor.reach(Data.TEMPLATES, Use.WRITE) is Reach.ALL:
        return True
    return template.created_by_id in actor.practitioners(Data.TEMPLATES, Use.WRITE)
