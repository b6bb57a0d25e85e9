"""Documents: put into a record, seen by who may see notes, opened, renamed, removed (DOC-3, PRI-1, AUD-2)."""

import os
import re
import time
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area, Role
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed
from sprechzeit.patients.actions import share_patients
from sprechzeit.practice.actions.keys import begin_rotation, retire_keys, rotate_batch
from sprechzeit.practice.models import AccessGrant
from sprechzeit.practice.sealed import FIRST, sealed_columns
from sprechzeit.records import files
from sprechzeit.records.actions.documents import change_document, remove_document, restore_document
from sprechzeit.records.errors import DocumentFileMissing, DocumentRemoved, NoRoomForDocument
from sprechzeit.records.files import CONTENT, write_file
from sprechzeit.records.jobs import remove_unnamed_files
from sprechzeit.records.models import Document
from sprechzeit.records.naming import title_from
from sprechzeit.records.policy import may_change_document, visible_documents
from sprechzeit.records.queries import list_documents, open_file, read_document
from tests.support.cast import Cast, House
from tests.support.databases import Databases
from tests.support.documents import TITLE, filed, pdf, picture, sent
from tests.support.routes import DELEGATE, client_of
from tests.support.together import together
from tests.support.treated import treated

pytestmark = pytest.mark.req("DOC-3")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path


def folder_of(house: House) -> Path:
    return Path(django_settings.DATA_DIR) / "documents" / str(house.practice.pk)


def names_in(house: House) -> set[str]:
    return {one.name for one in folder_of(house).iterdir()} if folder_of(house).exists() else set()


def form_of(client: Client, address: str) -> dict[str, Any]:
    """What the form of a page carries and says by itself."""
    page = client.get(address).content.decode()
    key, day = (re.search(rf'name="{name}"[^>]*value="([^"]+)"', page) for name in ("key", "dated_on"))
    assert key
    assert day
    return {"key": key[1], "dated_on": day[1], "title": "", "session": ""}


def chosen(name: str, content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture(), content_type="text/html")


@pytest.mark.req("PRI-1", "AUD-2", "PAT-3")
def test_from_the_form_to_the_file_and_nothing_in_the_clear_between(cast: Cast) -> None:
    """Jonas adds a picture and a letter at once, the form is sent twice; he opens one, in a page that shows nothing."""
    session = treated(cast.albers)
    client, address = client_of(cast, "practitioner"), reverse("records:documents", args=[session.patient_id])
    assert address in client.get(reverse("patients:record", args=[session.patient_id])).content.decode()
    form, letter = form_of(client, address), pdf()
    for _time in range(2):
        brought = {"file": [chosen(f"../../{TITLE}.exe"), chosen("Brief Kern.pdf", letter)]}
        answer = client.post(address, form | brought | {"session": str(session.pk)})
        assert (answer.status_code, answer["Location"]) == (303, address)
    with acting(cast.albers.actor("jonas")):
        both = list_documents(cast.albers.actor("jonas"), session.patient)
    assert sorted((one.title, one.media_type, one.session_id) for one in both) == [
        ("Brief Kern", "application/pdf", session.pk), (TITLE, "image/png", session.pk),
    ]  # fmt: skip
    shown = client.get(address).content.decode()
    assert TITLE in shown
    shot = next(one for one in both if one.preview)
    assert names_in(cast.albers) == {str(one.pk) for one in both} | {f"{shot.pk}.preview"}
    opened = client.get(reverse("records:document_file", args=[shot.pk]))
    assert opened.content.startswith(b"\x89PNG")
    assert opened["Content-Type"] == "image/png"
    assert opened["Content-Disposition"].startswith("attachment; filename")
    assert "R%C3%B6ntgen%20Lendenwirbel.png" in opened["Content-Disposition"]
    assert opened["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'; sandbox"
    assert (opened["X-Content-Type-Options"], opened["Cache-Control"]) == ("nosniff", "no-store")
    assert opened["X-Frame-Options"] == "DENY"
    small = client.get(reverse("records:document_preview", args=[shot.pk]))
    assert (small["Content-Type"], small.content[8:12]) == ("image/webp", b"WEBP")
    assert nothing_in_the_clear(cast.albers, shot)


def test_a_pdf_is_shown_by_the_browsers_own_viewer_shut_in(cast: Cast) -> None:
    """In its page, which alone may frame something, and in a tab of its own; pictures and what was removed are not."""
    house, session = cast.albers, treated(cast.albers)
    letter, shot = (filed(house, session.patient_id, "jonas", content=one) for one in (pdf(), picture()))
    client = client_of(cast, "practitioner")
    page = client.get(reverse("records:document", args=[letter.pk]))
    address = f"{reverse('records:document_file', args=[letter.pk])}?show"
    assert f'<iframe class="viewer" src="{address}#' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"
    shown = client.get(address)
    assert shown.content.startswith(b"%PDF") and shown["Content-Disposition"].startswith("inline; filename")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert shown["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'; sandbox"
    assert (shown["X-Frame-Options"], shown["Cache-Control"]) == ("SAMEORIGIN", "no-store")
    picture_page = client.get(reverse("records:document", args=[shot.pk])).content.decode()
    assert "<iframe" not in picture_page and "?show" in picture_page
    remove_document_of(cast, letter)
    assert "?show" not in client.get(reverse("records:document", args=[letter.pk])).content.decode()
    assert client.get(address).status_code == 409


def remove_document_of(cast: Cast, document: Document) -> None:
    jonas = cast.albers.actor("jonas")
    with acting(jonas):
        remove_document(jonas, document.pk, "Verwechselt")


def nothing_in_the_clear(house: House, document: Document) -> bool:
    """Neither on the disk nor in the database nor in the log; and each opening stands in the log."""
    for file in folder_of(house).iterdir():
        content = file.read_bytes()
        assert not content.startswith(b"\x89PNG")
        assert oct(file.stat().st_mode)[-3:] == "600"
        assert not any(word in content for word in (b"IHDR", b"WEBP", b"%PDF"))
    with acting(house.system), connection.cursor() as cursor:
        cursor.execute("SELECT title, secret FROM records_document WHERE id = %s", [document.pk])
        assert TITLE.encode() not in b"".join(map(bytes, cursor.fetchone()))
        cursor.execute("SELECT string_agg(old::text || new::text, ' ') FROM audit_value")
        assert "ntgen" not in (cursor.fetchone()[0] or "")
        cursor.execute("SELECT string_agg(args::text, ' ') FROM procrastinate_jobs")
        assert "ntgen" not in (cursor.fetchone()[0] or "")
        entries = Entry.objects.filter(row_id=document.pk, operation="read", table_name="records_document")
        assert {one.actor for one in entries} == {house.actor("jonas").name}
        assert Entry.objects.filter(table_name="records_document", operation="list").exists()
    return True


@pytest.mark.req("ACC-1", "ACC-4", "ACC-6", "ACC-20", "ACC-22")
def test_who_sees_documents_and_who_changes_them(cast: Cast) -> None:
    """Who may see notes; a secretary's pages are the same with documents and without."""
    house, session = cast.albers, treated(cast.albers, "miriam")
    jana, patient = client_of(cast, "secretary"), session.patient_id
    pages = [reverse(one, args=[patient]) for one in ("patients:record", "records:sessions", "record_log")]
    before = [plain(jana.get(one).content) for one in pages]
    document = filed(house, patient, "miriam")
    assert [plain(jana.get(one).content) for one in pages] == before
    hidden = [reverse("records:documents", args=[patient])] + [
        reverse(f"records:{one}", args=[document.pk])
        for one in ("document", "document_file", "document_preview", "document_removal")
    ]
    for person in ("secretary", "practitioner", "stranger", DELEGATE):
        client = client_of(cast, person)
        assert {client.get(one).status_code for one in hidden} == {404}, person
        assert client.post(hidden[0], {"file": chosen("x.png")}).status_code == 404
    with acting(house.actor("miriam")):
        (access,) = AccessGrant.objects.all()
    of_miriam = frozenset({house.members["miriam"].pk})
    documenting = Actor(
        ActorKind.DELEGATE, (house.practice.pk,), Role.DELEGATE, access.pk, ((Area.DOCUMENTATION, of_miriam),)
    )
    for actor, sees in ((documenting, True), (house.actor("miriam"), True), (cast.brandt.actor("berta"), False)):
        with acting(actor):
            assert visible_documents(actor).filter(pk=document.pk).exists() is sees
    with acting(house.actor("miriam")):
        share_patients(house.actor("miriam"), [patient], [house.members["jonas"].pk])
    jonas, added = house.actor("jonas"), filed(house, patient, "jonas")
    with acting(jonas):
        assert visible_documents(jonas).count() == 2, "to read and to add to"
        assert (may_change_document(jonas, document), may_change_document(jonas, added)) == (False, True)
        with pytest.raises(NotAllowed):
            remove_document(jonas, document.pk, "x")


def plain(page: bytes) -> str:
    return re.sub(r'csrf[^>]*value="[^"]*"|X-CSRFToken[^}]*', "", page.decode())


def test_what_is_refused_says_why_and_the_others_are_kept(cast: Cast) -> None:
    session = treated(cast.albers)
    client, address = client_of(cast, "practitioner"), reverse("records:documents", args=[session.patient_id])
    form = form_of(client, address)
    brought = [chosen("gut.png"), chosen("Brief.pdf", b"<html>boese</html>"), chosen("leer.png", b"\0")]
    answer = client.post(address, form | {"file": brought, "title": "Zwei"}, headers={"Accept-Language": "en"})
    told = answer.content.decode()
    assert answer.status_code == 422
    assert told.count("This is no PDF and no picture") == 2
    assert "Brief.pdf" in told
    with acting(cast.albers.system):
        (kept,) = Document.objects.all()
        assert kept.title == "Zwei (1)"
    # The page that says so is a new form; without files, with too many, or far too large it is refused as a whole.
    assert form["key"] not in told
    assert client.post(address, form).status_code == 422
    assert client.post(address, form | {"file": [chosen("a.png") for _one in range(21)]}).status_code == 422
    large = chosen("gross.png", b"\x89PNG" + b"\0" * django_settings.DOCUMENT_BYTES)
    answer = client.post(address, form | {"file": large}, headers={"Accept-Language": "en"})
    assert (answer.status_code, "This file is too large" in answer.content.decode()) == (422, True)
    assert client.post(address, form | {"file": chosen("🌧" * 250_000 + ".png")}).status_code == 400
    with acting(cast.albers.system):
        assert Document.objects.count() == 1
    # Who is not signed in is sent to do so, and nothing that they send is kept.
    assert Client().post(address, form | {"file": chosen("x.png")}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Befund 12/2025:\tBlut\n", "Befund 12/2025: Blut"),
        ("fdp.\u202eexe", "fdp.exe"),
        ("\x00\x1b", "–"),
        ("u\u0308" * 200, "ü" * 120),
        ("👩‍⚕️ Visite", "👩‍⚕️ Visite"),
    ],
)
def test_a_title_is_one_line_that_can_be_shown(typed: str, kept: str) -> None:
    assert title_from(typed) == kept


@pytest.mark.req("DOC-3", "AUD-1")
def test_a_document_is_renamed_removed_with_a_reason_and_put_back(cast: Cast) -> None:
    house, session = cast.albers, treated(cast.albers)
    document = filed(house, session.patient_id)
    client, page = client_of(cast, "practitioner"), reverse("records:document", args=[document.pk])
    day = f"{document.dated_on:%Y-%m-%d}"
    facts = {"title": "MRT: 12/2025", "dated_on": "2025-12-01", "session": "", "remark": "Aufnahme vom Verdacht"}
    first = {"initial-title": TITLE, "initial-dated_on": day, "initial-session": "", "initial-remark": ""}
    assert client.post(page, facts | first).status_code == 303
    assert 'filename="MRT 12 2025.png"' in client.get(f"{page}file/")["Content-Disposition"]
    assert client.post(f"{page}removal/", {"reason": ""}).status_code == 422
    assert [client.post(f"{page}removal/", {"reason": "doppelt"}).status_code for _time in range(2)] == [303, 303]
    assert [client.get(f"{page}{one}/").status_code for one in ("file", "preview")] == [409, 404]
    listed = client.get(reverse("records:documents", args=[session.patient_id])).content.decode()
    assert "doppelt" in listed
    assert len(names_in(house)) == 2, "the files stay"
    jonas = house.actor("jonas")
    with acting(jonas), pytest.raises(DocumentRemoved):
        change_document(jonas, document.pk, {"title": "x"})
    assert client.post(f"{page}removal/", {"restore": "1"}).status_code == 303
    assert client.get(f"{page}file/").status_code == 200
    with acting(house.system):
        done = Entry.objects.filter(row_id=document.pk, table_name="records_documentremoval").order_by("id")
        assert [one.operation for one in done] == ["insert", "delete"]
    told = client_of(cast, "administrator").get(reverse("privacy:log"), {"patient": str(session.patient_id)})
    words = told.content.decode()
    assert ("Dokument" in words or "Document" in words, "doppelt" in words, "sha256" in words) == (True, False, False)


@pytest.mark.req("PRI-1")
def test_keys_are_replaced_in_the_row_and_the_file_stays_as_it_is(cast: Cast) -> None:
    house, document = cast.albers, filed(cast.albers, treated(cast.albers).patient_id)
    before = (folder_of(house) / str(document.pk)).read_bytes()
    key = run_as(house.system, partial(begin_rotation, house.system))
    for column in sealed_columns():
        run_as(house.system, partial(rotate_batch, house.system, column, key, FIRST))
    assert run_as(house.system, partial(retire_keys, house.system, key)) is True
    jonas = house.actor("jonas")
    with acting(jonas):
        assert open_file(jonas, document.pk).content.startswith(b"\x89PNG")
        assert read_document(jonas, document.pk).title == TITLE
    assert (folder_of(house) / str(document.pk)).read_bytes() == before


def test_a_file_opens_in_its_own_place_alone(cast: Cast) -> None:
    """Exchanged, cut, or gone: it is said, and nothing of another one is shown."""
    house, session = cast.albers, treated(cast.albers)
    one, other = (filed(house, session.patient_id) for _one in range(2))
    place, jonas = folder_of(house) / str(one.pk), house.actor("jonas")
    (folder_of(house) / str(other.pk)).rename(place)
    for make in (lambda: None, lambda: place.write_bytes(b"x"), place.unlink):
        make()
        with acting(jonas), pytest.raises(DocumentFileMissing):
            open_file(jonas, one.pk)
    assert client_of(cast, "practitioner").get(reverse("records:document_file", args=[one.pk])).status_code == 503
    with transaction.atomic(), acting(house.system), connection.cursor() as cursor:
        for statement in (
            "DELETE FROM records_document",
            "UPDATE records_document SET size_bytes = 1",
            "UPDATE records_document SET secret = substring(secret FROM 1 FOR 17) || 'x'",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, IntegrityError, Exception)), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.own_database
def test_a_full_disk_leaves_nothing_half_and_a_row_names_its_file(
    cast: Cast, own_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, session = cast.albers, treated(cast.albers)
    client, address = client_of(cast, "practitioner"), reverse("records:documents", args=[session.patient_id])
    form, real = form_of(client, address), os.fsync
    calls: list[int] = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 2:  # the file is there, its preview finds no room
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    answer = client.post(address, form | {"file": chosen("a.png")}, headers={"Accept-Language": "en"})
    assert (answer.status_code, "no room" in answer.content.decode()) == (503, True)
    assert names_in(house) == set()
    monkeypatch.undo()
    there = django_settings.DATA_DIR
    django_settings.DATA_DIR = Path("/proc/nowhere")
    with pytest.raises(NoRoomForDocument):
        write_file(house.practice.pk, session.pk, CONTENT, files.new_secret(), b"x")
    django_settings.DATA_DIR = there
    # The same form pressed twice at once, and another one beside it: two documents.
    other = form_of(client, address)
    again = [partial(client_of(cast, "practitioner").post, address) for _one in range(3)]
    sent_forms = [form, form, other]
    statuses: list[int] = []
    together(
        *(
            lambda post=post, data=data: statuses.append(post(data | {"file": chosen("a.png")}).status_code)
            for post, data in zip(again, sent_forms, strict=True)
        ),
        seconds=60,
    )
    assert statuses == [303, 303, 303]
    with acting(house.system):
        ids = {str(one) for one in Document.objects.values_list("pk", flat=True)}
    assert len(ids) == 2
    assert names_in(house) == ids | {f"{one}.preview" for one in ids}
    # What nobody names goes after a day: of a crash, of a row that is deleted. Nothing young, nothing that has a row.
    folder = folder_of(house)
    for name in ("0190a000-0000-7000-8000-000000000001", ".half.part", "0190a000-0000-7000-8000-000000000002.preview"):
        (folder / name).write_bytes(b"x")
    gone = ids.pop()
    with psycopg.connect(own_database.url("owner"), autocommit=True) as owner:
        owner.execute("DELETE FROM records_document WHERE id = %s", [gone])
    assert remove_unnamed_files() == 0
    for file in folder.iterdir():
        os.utime(file, (time.time() - files.YOUNG - 9,) * 2)
    with psycopg.connect(own_database.url("backup"), autocommit=True) as backup:
        backup.execute("SELECT pg_advisory_lock(hashtext('sprechzeit backup'))")
        assert remove_unnamed_files() == 0
        # By hand: the server gives back what a connection held some time after that was closed.
        backup.execute("SELECT pg_advisory_unlock_all()")
    assert remove_unnamed_files() == 5
    (left,) = ids
    assert names_in(house) == {left, f"{left}.preview"}


def test_a_long_list_asks_no_more_than_a_short_one(cast: Cast, django_assert_max_num_queries: Any) -> None:
    house, session = cast.albers, treated(cast.albers)
    with acting(house.system):
        for number in range(12):
            row = Document(
                practice_id=house.practice.pk, patient_id=session.patient_id, dated_on="2026-01-01", size_bytes=1,
                media_type="application/pdf", pages=1, preview=False, added_by=house.actor("jonas").name,
            )  # fmt: skip
            row.title, row.remark, row.secret = f"Brief {number}", "", files.new_secret()
            row.save()
    jonas = house.actor("jonas")
    with acting(jonas), django_assert_max_num_queries(3):
        assert len(list_documents(jonas, session.patient)) == 12
    with acting(jonas):
        restore_document(jonas, row.pk)
    assert sent().title == TITLE
