"""What an import keeps, and what the database and its jobs see to (PAT-5)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients import actions
from sprechzeit.patients.import_lines import name_in_log
from sprechzeit.patients.jobs import enter_file
from sprechzeit.patients.models import ImportPart, Patient, PatientImport
from sprechzeit.practice.models import Member
from tests.support.cast import Cast

LIST = "Nachname;Vorname;Geburtsdatum;Bemerkung\r\nMüller;Änne;03.02.1980;Hund\r\nÖz;Ay;04.02.1980;\r\n".encode()
COLUMNS = dict(enumerate(("last_name", "first_name", "date_of_birth", "remarks")))


def started(actor: Actor, **how: Any) -> UUID:
    """A file whose lines are to be entered."""
    with acting(actor):
        key = actions.bring_file(actor, "liste.csv", LIST)
        actions.map_columns(actor, key, COLUMNS, order="dmy", titled=True)
        actions.start_import(actor, key, **{"belongs_to": None, "alike": "skip", "bad_lines": "good", **how})
    return key


def run(actor: Actor, key: UUID) -> None:
    enter_file.work(0, practice_id=str(actor.practice_id), import_id=str(key))


@pytest.mark.req("PAT-5", "AUD-1")
def test_a_line_becomes_one_record_whoever_enters_it(cast: Cast) -> None:
    """Of two files with the same people the second one finds those of the first; each entry of the log says whence."""
    miriam = cast.albers.actor("miriam")
    first, second = started(miriam), started(miriam)
    for key in (first, second, first):
        run(miriam, key)
    with acting(miriam):
        records = list(Patient.objects.filter(imported_by__isnull=False).order_by("import_line"))
        assert [(one.imported_by_id, one.import_line) for one in records] == [(first, 2), (first, 3)]
        assert PatientImport.objects.get(pk=second).left_out == 2
        entries = Entry.objects.filter(subject_id=records[0].pk)
        assert set(entries.values_list("request", "actor")) == {(name_in_log(first), miriam.name)}
        again = Patient(practice_id=miriam.practice_id, first_name="x", last_name="x", first_key="x", last_key="x",
                        imported_by_id=first, import_line=2)  # fmt: skip
        with pytest.raises(IntegrityError, match="import_line_once"), transaction.atomic():
            again.save(force_insert=True)


@pytest.mark.req("PAT-5", "ACC-1")
def test_who_was_suspended_meanwhile_enters_nothing(cast: Cast) -> None:
    system, jonas = cast.albers.system, Member.objects.filter(pk=cast.albers.members["jonas"].pk)
    with acting(system):
        jonas.update(role="administrator")
        cast.albers.members["jonas"].refresh_from_db()
    actor = cast.albers.actor("jonas")
    key = started(actor)
    with acting(system):
        jonas.update(suspended_at=timezone.now())
    run(actor, key)
    with acting(system):
        assert PatientImport.objects.get(pk=key).cancelled_at
        assert not Patient.objects.filter(imported_by=key).exists()


@pytest.mark.req("PAT-5", "PRI-1", "PRI-22")
def test_a_file_is_sealed_and_gone_a_day_later(cast: Cast) -> None:
    miriam, system = cast.albers.actor("miriam"), cast.albers.system
    key = started(miriam)
    with acting(system), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(encode(lines || understood || head, 'escape'), '') FROM patients_importpart part "
            "JOIN patients_patientimport source ON source.id = part.source_id WHERE source.id = %s", [key]
        )  # fmt: skip
        kept = cursor.fetchone()[0]
    assert len(kept) > 200
    assert "nne" not in kept
    assert "1980" not in kept
    run(miriam, key)
    with acting(system):
        sources = PatientImport.objects.filter(pk=key)
        assert actions.forget_import_files(system) == 0
        sources.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
        assert actions.forget_import_files(system) == 1
        assert not ImportPart.objects.filter(source=key).exists()
        assert sources.get().head is None
        assert sources.get().entered == 2
        assert Patient.objects.filter(imported_by=key).count() == 2
