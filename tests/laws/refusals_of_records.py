"""For every action on sessions, notes, templates and keys: somebody whom it refuses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import keys
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.sealed import FIRST, sealed_columns
from sprechzeit.records.actions import documents, notes, report_templates, reports, sessions, templates
from sprechzeit.records.errors import (
    DocumentBroken,
    DocumentRemoved,
    NoteEmpty,
    NoteSigned,
    NotSigned,
    ReportFiled,
    ReportNotFiled,
    ReportTooLong,
    SessionSigned,
    UnknownPlaceholder,
    WrittenMeanwhile,
)
from sprechzeit.records.models import ReportTemplate
from tests.support.cast import House
from tests.support.documents import filed, sent
from tests.support.reported import drafted, filed_as
from tests.support.reported import letter as letter_of
from tests.support.reported import written as typed_in
from tests.support.treated import treated, typed, written


def of_sessions(house: House, refusal: Callable[..., Any]) -> list[Any]:
    """Miriam's sessions: one with a note, one whose note is signed; Jonas sees neither, Jana no note."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    noted, signed = (treated(house, "miriam", last_name=name) for name in ("Winter", "Herbst"))
    own = treated(house, "jonas", last_name="Lenz")
    written(house, noted, who="miriam")
    written(house, signed, who="miriam")
    with acting(miriam):
        notes.sign_note(miriam, signed.pk, 1)
        template = templates.add_template(miriam, new_id(), "Befund", ["Feld"])
        templates.add_template(miriam, new_id(), "Verlauf", ["Feld"])
        start = report_templates.add_report_template(miriam, new_id(), "Brief", "Text")
        report_templates.add_report_template(miriam, new_id(), "Bericht", "Text")
    letter, gone = (filed(house, noted.patient_id, "miriam") for _one in range(2))
    with acting(miriam):
        documents.remove_document(miriam, gone.pk, "doppelt")
    now, column = timezone.now(), next(sealed_columns())
    return [
        refusal(NotFound, jonas, sessions.change_session, noted.pk, {"kind": "x"}),
        refusal(NotAllowed, jana, sessions.change_session, noted.pk, {"kind": "x"}),
        refusal(NotAllowed, jana, sessions.enter_session, noted.patient_id, jonas.id, now, duration_minutes=50),
        refusal(NotFound, jonas, sessions.enter_session, own.patient_id, miriam.id, now, duration_minutes=50),
        refusal(NotFound, jonas, sessions.document_appointment, new_id()),
        refusal(NotAllowed, jana, sessions.withdraw_session, noted.pk),
        refusal(SessionSigned, miriam, sessions.withdraw_session, signed.pk),
        refusal(NotFound, jonas, sessions.bring_back_session, noted.pk),
        refusal(NotFound, jana, notes.keep_draft, noted.pk, typed("x")),
        refusal(NotFound, jana, notes.discard_draft, noted.pk, new_id()),
        refusal(NotFound, jana, notes.write_note, noted.pk, typed("x")),
        refusal(WrittenMeanwhile, miriam, notes.write_note, noted.pk, typed("x")),
        refusal(NoteEmpty, jonas, notes.write_note, own.pk, typed("")),
        refusal(NoteSigned, miriam, notes.write_note, signed.pk, typed("x", based_on=1)),
        refusal(WrittenMeanwhile, miriam, notes.sign_note, noted.pk, 0),
        refusal(NoteEmpty, jonas, notes.sign_note, own.pk, 0),
        refusal(NotSigned, miriam, notes.amend_note, noted.pk, "x"),
        refusal(NotFound, jana, documents.add_document, noted.patient_id, sent()),
        refusal(NotFound, jonas, documents.add_document, noted.patient_id, sent()),
        refusal(NotFound, jonas, documents.add_document, own.patient_id, sent(session_id=noted.pk)),
        refusal(DocumentBroken, miriam, documents.add_document, noted.patient_id, sent(b"%PDF-1.7 broken")),
        refusal(NotFound, jana, documents.change_document, letter.pk, {"title": "x"}),
        refusal(DocumentRemoved, miriam, documents.change_document, gone.pk, {"title": "x"}),
        refusal(NotFound, jonas, documents.remove_document, letter.pk, "x"),
        refusal(NotFound, jonas, documents.restore_document, gone.pk),
        refusal(NotAllowed, jana, templates.add_template, new_id(), "Neu", ["Feld"]),
        refusal(NameTaken, miriam, templates.add_template, new_id(), "Befund", ["Feld"]),
        refusal(NameTaken, miriam, templates.change_template, template.pk, "Verlauf", ["Feld"]),
        refusal(NotFound, jonas, templates.retire_template, template.pk, retired=True),
        *of_reports(house, refusal, own.patient_id, start),
        refusal(NotAllowed, miriam, keys.begin_rotation),
        refusal(NotAllowed, miriam, keys.rotate_batch, column, new_id(), FIRST),
        refusal(NotAllowed, miriam, keys.retire_keys, new_id()),
    ]


def of_reports(house: House, refusal: Callable[..., Any], patient_id: UUID, start: ReportTemplate) -> list[Any]:
    """Reports of a patient of Jonas': a draft, and one that is filed."""
    miriam, jonas, jana = (house.actor(name) for name in ("miriam", "jonas", "jana"))
    draft, done = drafted(house, patient_id), drafted(house, patient_id)
    with acting(house.system):
        filed_as(house, done, b"%PDF-1.7")
    named = report_templates
    return [
        refusal(NotFound, jana, reports.begin_report, patient_id, jonas.id, letter_of(), new_id()),
        refusal(NotFound, jonas, reports.begin_report, patient_id, miriam.id, letter_of(), new_id()),
        refusal(ReportTooLong, jonas, reports.begin_report, patient_id, jonas.id, letter_of("x" * 60_001), new_id()),
        refusal(NotFound, jana, reports.keep_report, draft.pk, typed_in(draft, "x")),
        refusal(WrittenMeanwhile, jonas, reports.keep_report, draft.pk, typed_in(draft, "x", revision=7)),
        refusal(ReportFiled, jonas, reports.keep_report, done.pk, typed_in(done, "x")),
        refusal(WrittenMeanwhile, jonas, reports.file_report, draft.pk, 7),
        refusal(ReportNotFiled, jonas, reports.correct_report, draft.pk),
        refusal(ReportFiled, jonas, reports.withdraw_report, done.pk),
        refusal(NotAllowed, jana, named.add_report_template, new_id(), "Neu", "Text"),
        refusal(NameTaken, miriam, named.add_report_template, new_id(), "Brief", "Text"),
        refusal(UnknownPlaceholder, miriam, named.add_report_template, new_id(), "Neu", "{x}"),
        refusal(NameTaken, miriam, named.change_report_template, start.pk, "Bericht", "Text"),
        refusal(NotFound, jonas, named.retire_report_template, start.pk, retired=True),
    ]
