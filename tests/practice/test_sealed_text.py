"""Sealed texts: readable for their practice at their place, for nobody and nowhere else (PRI-1)."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from sprechzeit.access.actor import Actor
from sprechzeit.accounts.models import AccountMail
from sprechzeit.core import crypto
from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import Unreadable
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import mark_sent, message_due
from sprechzeit.messages.models import Message
from sprechzeit.practice.actions import add_data_key
from sprechzeit.practice.models import DataKey
from tests.support.cast import Cast, book

pytestmark = pytest.mark.req("PRI-1")
SECRET = "Diagnose: F41.1 – Größe 1,78 m 🌧"


def sealed_message(cast: Cast, text: str = SECRET, house: str = "albers", clock: str = "09:00") -> Message:
    """A sent message with a sealed text."""
    one = getattr(cast, house)
    appointment = book(one, clock)
    with acting(one.system):
        message = message_due(one.system, appointment, "booked")
        mark_sent(one.system, message, "Betreff", text)
    return message


def stored(message: Message) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM messages_message WHERE id = %s", [message.pk])
        return bytes(cursor.fetchone()[0])


def store(message: Message, sealed: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messages_message SET text = %s WHERE id = %s", [sealed, message.pk])


def read(actor: Actor, message: Message) -> str | None:
    text: str | None = Message.objects.get(practice_id=actor.practice_id, pk=message.pk).text
    return text


@pytest.mark.parametrize("text", [SECRET, "", "\x00\x01", "x" * 100_000])
def test_what_was_sealed_is_read_again(cast: Cast, text: str) -> None:
    message = sealed_message(cast, text)
    with acting(cast.albers.system):
        assert read(cast.albers.system, message) == text


def test_no_text_stays_none(cast: Cast) -> None:
    appointment = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        message = message_due(cast.albers.system, appointment, "booked")
        assert read(cast.albers.system, message) is None


def test_it_is_read_when_deferred_and_alone_and_kept_by_a_save(cast: Cast) -> None:
    message = sealed_message(cast)
    with acting(cast.albers.system):
        assert Message.objects.defer("text").get(pk=message.pk).text == SECRET
        assert Message.objects.only("text").get(pk=message.pk).text == SECRET
        before = stored(message)
        Message.objects.get(pk=message.pk).save()
        assert stored(message) == before
        assert read(cast.albers.system, message) == SECRET


def test_nothing_of_it_stands_in_the_table_or_the_log(cast: Cast) -> None:
    message = sealed_message(cast)
    with acting(cast.albers.system), connection.cursor() as cursor:
        for query in (
            "SELECT m::text || encode(text, 'escape') FROM messages_message m",
            "SELECT v::text FROM audit_value v",
            "SELECT e::text FROM audit_entry e",
        ):
            cursor.execute(query)
            rows = [row[0] for row in cursor.fetchall()]
            assert rows
            for part in ("Diagnose", "F41.1", SECRET.encode().hex()):
                assert not [row for row in rows if part in row]
        cursor.execute(
            "SELECT new ->> 'text' FROM audit_value v JOIN audit_entry e ON e.id = entry_id "
            "WHERE row_id = %s AND operation = 'update'",
            [message.pk],
        )
        assert [row[0][:7] for row in cursor.fetchall()] == ["sha256:"]


def test_the_same_text_is_sealed_differently_each_time(cast: Cast) -> None:
    one, other = sealed_message(cast), sealed_message(cast, clock="10:00")
    with acting(cast.albers.system):
        assert stored(one)[17:] != stored(other)[17:]


class TestElsewhere:
    def test_in_another_row_it_does_not_open(self, cast: Cast) -> None:
        one, other = sealed_message(cast), sealed_message(cast, clock="10:00")
        with acting(cast.albers.system):
            store(other, stored(one))
            with pytest.raises(Unreadable):
                read(cast.albers.system, other)

    @pytest.mark.usefixtures("db")
    def test_in_another_column_it_does_not_open(self) -> None:
        mail = AccountMail.objects.create(to="a@example.org", subject="s", text="Text", html="<p>Html</p>")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_accountmail SET html = text WHERE id = %s", [mail.pk])
        mail = AccountMail.objects.get(pk=mail.pk)
        assert mail.text == "Text"
        with pytest.raises(Unreadable):
            _ = mail.html

    def test_another_practices_key_does_not_open_it(self, cast: Cast) -> None:
        message = sealed_message(cast)
        other = sealed_message(cast, house="brandt", clock="11:00")
        with acting(cast.albers.system):
            sealed = stored(message)
        with acting(cast.brandt.system):
            store(other, sealed)
            with pytest.raises(Unreadable):
                read(cast.brandt.system, other)
            key = DataKey.objects.get(practice_id=cast.brandt.practice.pk)
            forged = crypto.VERSION + key.id.bytes + sealed[17:]
            store(other, forged)
            with pytest.raises(Unreadable):
                read(cast.brandt.system, other)

    @pytest.mark.parametrize("place", [0, 1, 16, 17, 28, 29, -1])
    def test_one_changed_byte_and_it_does_not_open(self, cast: Cast, place: int) -> None:
        message = sealed_message(cast)
        with acting(cast.albers.system):
            sealed = bytearray(stored(message))
            sealed[place] ^= 1
            store(message, bytes(sealed))
            with pytest.raises(Unreadable):
                read(cast.albers.system, message)

    @pytest.mark.parametrize("rest", [b"", b"\x01", b"\x01" * 29, b"plain text that nobody sealed, long enough"])
    def test_what_was_never_sealed_does_not_open(self, cast: Cast, rest: bytes) -> None:
        message = sealed_message(cast)
        with acting(cast.albers.system):
            store(message, rest)
            with pytest.raises(Unreadable):
                read(cast.albers.system, message)


class TestRotation:
    def test_old_values_stay_readable_and_new_ones_use_the_new_key(self, cast: Cast) -> None:
        old = sealed_message(cast)
        with acting(cast.albers.system):
            former = DataKey.objects.get(practice_id=cast.albers.practice.pk)
            key = add_data_key(cast.albers.system)
        new = sealed_message(cast, clock="10:00")
        with acting(cast.albers.system):
            assert crypto.key_id_of(stored(old)) == former.id
            assert crypto.key_id_of(stored(new)) == key.id
            assert read(cast.albers.system, old) == read(cast.albers.system, new) == SECRET

    def test_a_retired_key_opens_and_seals_no_more(self, cast: Cast) -> None:
        old = sealed_message(cast)
        with acting(cast.albers.system):
            key = add_data_key(cast.albers.system)
            DataKey.objects.filter(pk=key.pk).update(retired_at="2026-01-01T00:00Z")
        new = sealed_message(cast, clock="10:00")
        with acting(cast.albers.system):
            assert crypto.key_id_of(stored(new)) == crypto.key_id_of(stored(old)) != key.id

    def test_a_data_key_does_not_open_under_another_master_key(self, cast: Cast, settings: object) -> None:
        with acting(cast.albers.system):
            row = DataKey.objects.get(practice_id=cast.albers.practice.pk)
        assert crypto.unwrap(row.id, bytes(row.wrapped)).id == row.id
        crypto.derived.cache_clear()
        try:
            settings.MASTER_KEY = "another master key, of another installation"  # type: ignore[attr-defined]
            with pytest.raises(Unreadable):
                crypto.unwrap(row.id, bytes(row.wrapped))
        finally:
            crypto.derived.cache_clear()

    def test_the_key_itself_is_bound_to_its_id(self, cast: Cast) -> None:
        with acting(cast.albers.system):
            row = DataKey.objects.get(practice_id=cast.albers.practice.pk)
        with pytest.raises(Unreadable):
            crypto.unwrap(new_id(), bytes(row.wrapped))


@pytest.mark.parametrize(
    "write",
    [
        lambda message: Message.objects.filter(pk=message.pk).update(text=SECRET),
        lambda message: Message.objects.bulk_update([message], ["text"]),
    ],
    ids=["update", "bulk_update"],
)
def test_no_way_of_writing_puts_plain_text_into_the_table(cast: Cast, write: Callable[[Message], int]) -> None:
    """Queries that write past the row cannot seal, so they are refused."""
    message = sealed_message(cast)
    with acting(cast.albers.system):
        with pytest.raises(TypeError, match="bytes"), transaction.atomic():
            write(message)
        assert read(cast.albers.system, message) == SECRET
