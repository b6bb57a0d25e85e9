"""Writing notes: drafts, versions, two at once, signing, amendments (DOC-2)."""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import DataKey
from sprechzeit.records.actions.notes import amend_note, keep_draft, sign_note, write_note
from sprechzeit.records.content import Content, Field, Mark, compare
from sprechzeit.records.errors import NoteEmpty, NoteSigned, NotSigned, WrittenMeanwhile
from sprechzeit.records.models import Amendment, NoteDraft, NoteVersion, Session, Signature
from sprechzeit.records.queries import open_note, other_writers, read_versions
from sprechzeit.records.signing import holds
from tests.support.cast import Cast, House
from tests.support.databases import Databases
from tests.support.routes import client_of
from tests.support.together import together
from tests.support.treated import text, treated, typed, written

pytestmark = pytest.mark.req("DOC-2")


def said(house: House, session: Session, who: str = "jonas") -> list[str]:
    """What each version says, oldest first."""
    with acting(house.actor(who)):
        return [one.content.fields[0].text for one in reversed(read_versions(house.actor(who), session.pk))]


def test_every_version_stays_readable_with_its_author_and_time(cast: Cast) -> None:
    house, session = cast.albers, treated(cast.albers)
    written(house, session, "eins")
    written(house, session, "zwei", based_on=1, who="miriam")
    written(house, session, "zwei", based_on=1)  # says the same: no version more
    with acting(house.actor("jonas")):
        found = read_versions(house.actor("jonas"), session.pk)
    told = [(one.number, one.who, one.content.fields[0].text) for one in found]
    assert told == [(2, "Miriam Albers", "zwei"), (1, "Jonas Petersen", "eins")]
    page = client_of(cast, "practitioner").get(reverse("records:versions", args=[session.pk])).content.decode()
    assert re.search(r"<del>\s*eins\s*</del>", page)
    assert re.search(r"<ins>\s*zwei\s*</ins>", page)


def test_what_is_typed_survives_a_crash_and_two_windows_write_nothing_over(cast: Cast) -> None:
    """Two pages of one person: the second goes on with the draft, the first then keeps one of its own."""
    house, session, jonas = cast.albers, treated(cast.albers), cast.albers.actor("jonas")
    first, second = new_id(), new_id()
    with acting(jonas):
        begun = keep_draft(jonas, session.pk, typed("Anf", pad=first))
        assert begun
        again = keep_draft(jonas, session.pk, typed("Anfang", pad=first, draft_id=begun.pk, revision=0))
        assert again
        # An answer that was lost on the way: the same page goes on all the same.
        assert (again.pk, again.revision) == (begun.pk, 2)
        assert open_note(jonas, session.pk).draft == begun
        taken = keep_draft(jonas, session.pk, typed("Anfang, weiter", pad=second, draft_id=begun.pk, revision=2))
        apart = keep_draft(jonas, session.pk, typed("Anfang, anders", pad=first, draft_id=begun.pk, revision=2))
        assert taken
        assert apart
        assert (taken.pk == begun.pk, apart.pk == begun.pk) == (True, False)
        texts = {Content.from_json(one.text).fields[0].text for one in NoteDraft.objects.all()}
        assert texts == {"Anfang, weiter", "Anfang, anders"}
        others = other_writers(jonas, session.pk, first)
        assert [(one.writes, one.since) for one in others] == [(True, taken.begun_at)]
        write_note(jonas, session.pk, typed("Anfang, anders", draft_id=apart.pk))
        with pytest.raises(WrittenMeanwhile):
            write_note(jonas, session.pk, typed("Anfang, weiter", draft_id=taken.pk))
        assert [one.pk for one in NoteDraft.objects.all()] == [taken.pk]
    page = client_of(cast, "practitioner").get(reverse("records:session", args=[session.pk])).content.decode()
    assert "Anfang, weiter" in page
    with acting(house.actor("miriam")):
        (jonas_writes,) = other_writers(house.actor("miriam"), session.pk, None)
    assert jonas_writes.who == "Jonas Petersen"


def test_what_the_page_kept_while_it_was_saved_is_no_draft(cast: Cast) -> None:
    """A field is left by pressing Save: the page keeps it and saves it at once, and does not know of the draft yet."""
    session, jonas, page = treated(cast.albers), cast.albers.actor("jonas"), typed("Anfang")
    with acting(jonas):
        assert keep_draft(jonas, session.pk, page) is not None
        write_note(jonas, session.pk, page)
        assert open_note(jonas, session.pk).draft is None


def test_who_left_long_ago_no_longer_writes(cast: Cast) -> None:
    session, jonas, miriam = treated(cast.albers), cast.albers.actor("jonas"), cast.albers.actor("miriam")
    with acting(jonas):
        keep_draft(jonas, session.pk, typed("halb"))
        NoteDraft.objects.update(kept_at=timezone.now() - timedelta(minutes=30))
        assert other_writers(jonas, session.pk, None) == []
    with acting(miriam):
        assert [one.writes for one in other_writers(miriam, session.pk, None)] == [False]


def test_the_second_gets_both_to_compare_and_saves_what_is_put_together(cast: Cast) -> None:
    """Through the pages: nothing is lost, nothing written over."""
    house, session = cast.albers, treated(cast.albers)
    written(house, session, "Stand eins")
    client, url = client_of(cast, "practitioner"), reverse("records:note", args=[session.pk])
    shown = client.get(reverse("records:session", args=[session.pk])).content.decode()
    written(house, session, "Stand von Miriam", who="miriam", based_on=1)
    sent = hidden(shown) | {"field": "Notiz", "text": "Stand von Jonas"}
    answer = client.post(url, sent)
    both = answer.content.decode()
    assert answer.status_code == 409
    assert "Stand von Miriam" in both
    assert "Stand von Jonas" in both
    assert said(house, session) == ["Stand eins", "Stand von Miriam"]
    assert client.post(url, hidden(both) | {"field": "Notiz", "text": "Stand von beiden"}).status_code == 303
    assert said(house, session) == ["Stand eins", "Stand von Miriam", "Stand von beiden"]
    with acting(house.actor("jonas")):
        assert not NoteDraft.objects.exists()


def hidden(page: str) -> dict[str, str]:
    """What a page remembers."""
    return dict(re.findall(r'<input type="hidden" name="(pad|based_on|draft|revision|shape)" value="([^"]*)"', page))


def test_the_script_keeps_a_draft_and_is_told_how_it_stands(cast: Cast) -> None:
    session, client = treated(cast.albers), client_of(cast, "practitioner")
    page = client.get(reverse("records:session", args=[session.pk])).content.decode()
    url = reverse("records:draft", args=[session.pk])
    answer = client.post(url, hidden(page) | {"field": "Notiz", "text": "halb ferti"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "data-state" in answer.content.decode()
    again = client.post(url, hidden(answer.content.decode()) | {"field": "Notiz", "text": "halb fertig"})
    assert hidden(again.content.decode())["revision"] == "2"
    switched = client.post(url, hidden(page) | {"field": "Notiz", "text": "", "switch": "1", "template": "soap"})
    assert switched.status_code == 303
    soap = client.get(switched["Location"]).content.decode()
    assert soap.count('name="field"') == 4
    thrown = client.post(url, hidden(soap) | {"field": "Notiz", "text": "halb fertig", "discard": "1"})
    assert thrown.status_code == 303
    with acting(cast.albers.actor("jonas")):
        assert not NoteDraft.objects.exists()


def sign(house: House, session: Session, number: int = 1, who: str = "jonas") -> Signature:
    with acting(house.actor(who)):
        return sign_note(house.actor(who), session.pk, number)


def test_a_signed_note_takes_amendments_only(cast: Cast) -> None:
    """Signed and amended through the pages; what would have been another version is offered as an amendment."""
    house, session = cast.albers, treated(cast.albers)
    jonas, client = house.actor("jonas"), client_of(cast, "practitioner")
    with acting(jonas), pytest.raises(NotSigned):
        amend_note(jonas, session.pk, "zu früh")
    with acting(jonas), pytest.raises(NoteEmpty):
        sign_note(jonas, session.pk, 0)
    written(house, session, "Befund")
    open_page = client.get(reverse("records:session", args=[session.pk])).content.decode()
    assert "Befund" in client.get(reverse("records:signature", args=[session.pk])).content.decode()
    stale = client.post(reverse("records:signature", args=[session.pk]), {"number": "7"})
    assert stale.status_code == 409
    assert client.post(reverse("records:signature", args=[session.pk]), {"number": "1"}).status_code == 303
    late = client.post(
        reverse("records:note", args=[session.pk]), hidden(open_page) | {"field": "Notiz", "text": "Befund, spät"}
    )
    assert late.status_code == 409
    draft = re.search(r'name="draft" value="([^"]+)"', late.content.decode())
    assert draft
    assert re.search(r'<textarea id="amendment"[^>]*>Befund, spät</textarea>', late.content.decode())
    sent = {"amendment": "Befund, spät", "draft": draft[1]}
    for _second_press in range(2):
        assert client.post(reverse("records:amendments", args=[session.pk]), sent).status_code == 303
    with acting(jonas):
        note = open_note(jonas, session.pk)
        assert note.signed
        assert (note.signed.who, note.signed.number, note.signed.holds) == ("Jonas Petersen", 1, True)
        assert [one.content.fields[0].text for one in note.amendments] == ["Befund, spät"]
        assert not NoteDraft.objects.exists()
        with pytest.raises(NoteSigned):
            sign_note(jonas, session.pk, 1)
    assert said(house, session) == ["Befund"]


def test_only_who_writes_it_as_a_member_signs(cast: Cast) -> None:
    session = treated(cast.albers, "miriam")
    written(cast.albers, session, who="miriam")
    with acting(cast.albers.system):
        type(session.patient).objects.filter(pk=session.patient_id).update(
            created_by_id=cast.albers.members["jonas"].pk
        )
    jonas = cast.albers.actor("jonas")
    with acting(jonas), pytest.raises(NotAllowed):
        sign_note(jonas, session.pk, 1)
    with acting(jonas), pytest.raises(NotAllowed):
        write_note(jonas, session.pk, typed("x"))


def test_the_database_keeps_what_was_written(cast: Cast) -> None:
    """Whatever the program does: no version after a signature, none left out, no text changed, no row deleted."""
    house, session = cast.albers, treated(cast.albers)
    first = written(house, session, "Befund")
    facts = {"practice_id": first.practice_id, "note_id": session.pk, "written_by": "member:x"}

    def refuse(statement: str, *values: UUID) -> None:
        with acting(house.system), pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement, values)

    def insert(model: type[NoteVersion] | type[Amendment], **more: object) -> None:
        row = model(**facts | more)
        row.text = text("x").as_json()
        with acting(house.system), pytest.raises(IntegrityError), transaction.atomic():
            row.save()

    insert(NoteVersion, number=3)
    insert(NoteVersion, number=1)
    insert(Amendment)
    signature = sign(house, session)
    insert(NoteVersion, number=2)
    refuse("UPDATE records_noteversion SET text = text WHERE id = %s", first.pk)
    refuse("UPDATE records_noteversion SET written_by = 'member:y' WHERE id = %s", first.pk)
    refuse("DELETE FROM records_noteversion")
    refuse("DELETE FROM records_signature")
    refuse("UPDATE records_signature SET signed_by = 'member:y' WHERE id = %s", signature.pk)
    assert said(house, session) == ["Befund"]


def test_a_text_that_was_exchanged_does_not_open_and_does_not_hold(cast: Cast) -> None:
    """Who can write into the database cannot put another's words, or words of another place, under a signature."""
    house = cast.albers
    session, other = treated(house), treated(house, last_name="Winter")
    first, second = written(house, session, "Befund"), written(house, other, "Anderer Befund")
    sign(house, session)
    with acting(house.system):
        signature = Signature.objects.get(note_id=session.pk)
        signature.signed_by = "member:x"
        assert not holds(signature, first.text)
        assert DataKey.objects.filter(retired_at=None).count() == 1
    fresh = NoteVersion(id=first.pk, practice_id=first.practice_id)
    with acting(house.system):
        sealed = NoteVersion._meta.get_field("text").pre_save(second, add=False)
        fresh.__dict__["text"] = sealed
        with pytest.raises(Exception, match="not sealed for this row"):
            _ = fresh.text


# --- At the same time -----------------------------------------------------------------------------------------------


@pytest.mark.own_database
def test_of_two_who_save_at_once_one_is_told(cast: Cast, own_database: Databases) -> None:
    house, session = cast.albers, treated(cast.albers)

    def save(who: str) -> int:
        with acting(house.actor(who)):
            return write_note(house.actor(who), session.pk, typed(f"von {who}")).number

    found = together(lambda: save("jonas"), lambda: save("miriam"))
    assert sorted(type(one).__name__ for one in found) == ["WrittenMeanwhile", "int"]
    assert len(said(house, session)) == 1


@pytest.mark.own_database
def test_signing_and_writing_at_once_leave_nothing_after_the_signature(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    sessions = [treated(house, last_name=f"S{number}") for number in range(4)]

    def add(session_id: UUID) -> None:
        with acting(house.actor("miriam")):
            write_note(house.actor("miriam"), session_id, typed("später", based_on=1))

    for session in sessions:
        written(house, session, "Befund")
        signed, added = together(partial(sign, house, session), partial(add, session.pk))
        with acting(house.system):
            count = NoteVersion.objects.filter(note_id=session.pk).count()
            signature = Signature.objects.filter(note_id=session.pk).select_related("version").first()
        if signature:
            assert (count, signature.version.number, type(added)) == (1, 1, NoteSigned)
        else:
            assert (count, type(signed)) == (2, WrittenMeanwhile)


# --- What a note says -----------------------------------------------------------------------------------------------


def test_another_template_loses_no_word() -> None:
    free = Content("free", (Field("Notiz", "alles"),))
    soap = free.by_template("soap", ["S", "O"])
    assert soap.fields == (Field("S", "alles"), Field("O", ""))
    full = Content("soap", (Field("S", "eins"), Field("O", "zwei")))
    assert full.by_template("own", ["O", "Z"]).fields == (Field("O", "zwei"), Field("Z", ""), Field("S", "eins"))


def test_comparing_marks_words() -> None:
    former, later = text("Schlaf gut, keine Angst", "bleibt"), text("Schlaf sehr gut, Angst", "bleibt")
    first, second = compare(former, later)
    assert "".join(words for mark, words in first.pieces if mark is not Mark.ADDED) == former.fields[0].text
    assert "".join(words for mark, words in first.pieces if mark is not Mark.REMOVED) == later.fields[0].text
    assert (first.is_changed, second.is_changed) == (True, False)
