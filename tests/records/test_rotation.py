"""Replacing data keys: interrupted, run again, while people write; and that no word is ever in the clear (PRI-1)."""

import json
import subprocess
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection, connections
from django.urls import reverse

from sprechzeit.audit.models import Entry
from sprechzeit.cli.keys import rotate
from sprechzeit.core import crypto
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed
from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from sprechzeit.practice import sealed as sealed_module
from sprechzeit.practice.actions.keys import begin_rotation, retire_keys, rotate_batch
from sprechzeit.practice.models import DataKey
from sprechzeit.practice.sealed import FIRST, is_sealed_otherwise, sealed_columns
from sprechzeit.records.actions.notes import amend_note, keep_draft, sign_note, write_note
from sprechzeit.records.models import NoteVersion, Session
from sprechzeit.records.queries import open_note, read_versions
from tests.support.cast import Cast, House
from tests.support.databases import Databases
from tests.support.routes import client_of
from tests.support.treated import MARKER, treated, typed, written

pytestmark = pytest.mark.req("PRI-1")


def keys(house: House) -> tuple[int, int]:
    """How many data keys are in use, and how many are retired."""
    with acting(house.system):
        of = DataKey.objects.filter(practice_id=house.practice.pk)
        return of.filter(retired_at=None).count(), of.exclude(retired_at=None).count()


def everything(house: House, session: Session) -> None:
    """A version, a draft, a signature, an amendment of one note."""
    jonas = house.actor("jonas")
    written(house, session, MARKER)
    with acting(jonas):
        sign_note(jonas, session.pk, 1)
        amend_note(jonas, session.pk, f"{MARKER}, Nachtrag")
        keep_draft(jonas, session.pk, typed(f"{MARKER}, Entwurf"))


@pytest.mark.req("DOC-2")
def test_everything_is_sealed_anew_and_reads_as_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted after a batch and run again: the same new key goes on, the old one is retired at the end."""
    house, session = cast.albers, treated(cast.albers)
    everything(house, session)
    monkeypatch.setattr(sealed_module, "AT_ONCE", 1)
    with acting(house.actor("jonas")), pytest.raises(NotAllowed):
        begin_rotation(house.actor("jonas"))
    first = run_as(house.system, partial(begin_rotation, house.system))
    column = next(one for one in sealed_columns() if one.model is NoteVersion)
    assert run_as(house.system, partial(rotate_batch, house.system, column, first, FIRST)).done == 1
    assert run_as(house.system, partial(retire_keys, house.system, first)) is False
    assert keys(house) == (2, 0)
    said = CliRunner().invoke(rotate, [house.practice.slug])
    assert (said.exit_code, MARKER in said.output) == (0, False)
    assert keys(house) == (1, 1)
    with acting(house.actor("jonas")):
        assert not is_sealed_otherwise(house.practice.pk, first)
        note = open_note(house.actor("jonas"), session.pk)
    assert note.newest
    assert note.signed
    assert note.draft
    assert note.newest.content.fields[0].text == MARKER
    assert note.signed.holds
    assert note.amendments[0].content.fields[0].text == f"{MARKER}, Nachtrag"
    with acting(house.system):
        assert f"{MARKER}, Entwurf" in note.draft.text
        values = list(Entry.objects.filter(row_id=session.pk, value__isnull=False).values_list("value__new", flat=True))
        assert MARKER not in json.dumps(values)


def test_what_cannot_be_opened_stays_and_is_told(cast: Cast) -> None:
    """The older key is kept: a value that is not understood is not thrown away."""
    house, session = cast.albers, treated(cast.albers)
    written(house, session)
    spoilt = bytearray(28) + b"not sealed by this program"
    spoilt[0:1], spoilt[1:17] = crypto.VERSION, bytes(range(16))
    with connection.cursor() as cursor, acting(house.system):
        cursor.execute("UPDATE records_noteversion SET text = %s", [bytes(spoilt)])
    said = CliRunner().invoke(rotate, [house.practice.slug])
    assert said.exit_code == 1
    assert keys(house) == (2, 0)
    with connection.cursor() as cursor, acting(house.system):
        cursor.execute("SELECT text FROM records_noteversion")
        assert [bytes(one) for (one,) in cursor.fetchall()] == [bytes(spoilt)]


@pytest.mark.own_database
def test_it_works_while_people_write(cast: Cast, own_database: Databases) -> None:
    """Nothing that is written meanwhile is left under the old key, and nothing is lost."""
    house, jonas = cast.albers, cast.albers.actor("jonas")
    session, stop, trouble = treated(house), Event(), list[BaseException]()
    written(house, session, "Fassung 1")
    count = 1

    def write() -> None:
        nonlocal count
        try:
            while not stop.is_set() or count < 5:
                run_as(jonas, partial(write_note, jonas, session.pk, typed(f"Fassung {count + 1}", based_on=count)))
                count += 1
        except BaseException as error:
            trouble.append(error)
        finally:
            connections.close_all()

    writer = Thread(target=write, daemon=True)
    writer.start()
    said = [CliRunner().invoke(rotate, [house.practice.slug]) for _time in range(3)]
    stop.set()
    writer.join(30)
    assert trouble == []
    assert [one.exit_code for one in said] == [0, 0, 0]
    assert keys(house) == (1, 3)
    with acting(jonas):
        assert [one.content.fields[0].text for one in read_versions(jonas, session.pk)] == [
            f"Fassung {number}" for number in range(count, 0, -1)
        ]
        newest = DataKey.objects.get(retired_at=None)
        assert not is_sealed_otherwise(house.practice.pk, newest.pk)


@pytest.mark.own_database
@pytest.mark.req("AUD-1", "DOC-2")
def test_no_word_is_in_a_dump_or_in_what_the_program_says(
    cast: Cast, own_database: Databases, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Written through the pages, failed on, rotated: a dump as `backup`, and all that was logged, are searched."""
    house, session = cast.albers, treated(cast.albers)
    client = client_of(cast, "practitioner")
    client.raise_request_exception = False
    sent = {"based_on": "0", "field": MARKER, "text": MARKER}
    assert client.post(reverse("records:draft", args=[session.pk]), sent).status_code == 200
    assert client.post(reverse("records:note", args=[session.pk]), sent).status_code == 303
    stale = sent | {"text": f"{MARKER}, anders"}
    assert client.post(reverse("records:note", args=[session.pk]), stale).status_code == 409
    everything_else(client, session)
    assert CliRunner().invoke(rotate, [house.practice.slug]).exit_code == 0
    dump = subprocess.run(
        [wheel_binaries(server_account()) / "pg_dump", "--no-owner", own_database.url("backup")],
        check=True,
        capture_output=True,
    ).stdout
    assert b"records_noteversion" in dump
    assert str(session.pk).encode() in dump
    told = "".join((*capfd.readouterr(), caplog.text))
    for place in (dump.decode("utf-8", "replace"), told):
        assert MARKER not in place
        assert MARKER.encode().hex() not in place
        assert "Absturz" not in place


def everything_else(client: Any, session: Session) -> None:
    client.post(reverse("records:signature", args=[session.pk]), {"number": "1"})
    client.post(reverse("records:amendments", args=[session.pk]), {"amendment": f"{MARKER}, Nachtrag"})
