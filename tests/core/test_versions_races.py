"""What a process remembers while others change it (core.versions): real commits, several at once."""

from collections.abc import Callable
from threading import Event
from uuid import UUID

import pytest
from django.db import transaction

from sprechzeit.core.ids import new_id
from sprechzeit.core.models import Version
from sprechzeit.core.versions import Memory, Read
from tests.core.test_versions import Reader, raise_version, warm
from tests.support.together import together

pytestmark = [pytest.mark.req("CAL-9"), pytest.mark.own_database]


def test_a_change_between_asking_and_reading_is_not_kept_as_the_older_one() -> None:
    """The versions are asked for first: what is committed right then is read again by the next."""
    subject = new_id()
    memory, reader = Memory[str](10), Reader(subject)
    warm(memory, reader)

    def changes_meanwhile() -> Read[str]:
        (failed,) = together(lambda: raise_version(subject))
        assert failed is None
        return reader()

    raise_version(subject)
    assert memory.recall("key", changes_meanwhile) == "first"
    reader.value = "second"
    assert memory.recall("key", reader) == "second"


def test_raising_the_same_versions_crosswise_waits_and_never_in_a_circle() -> None:
    subjects = [new_id() for _ in range(50)]

    def raised(order: Callable[[list[UUID]], list[UUID]]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(20):
                raise_version(*order(subjects))

        return run

    assert together(raised(list), raised(lambda all_of: all_of[::-1]), raised(sorted)) == [None] * 3
    assert Version.objects.filter(subject__in=subjects).count() == len(subjects)


def test_before_it_is_committed_a_change_is_nobody_elses() -> None:
    subject = new_id()
    memory, reader = Memory[str](10), Reader(subject)
    warm(memory, reader)
    raised, asked = Event(), Event()

    def change() -> None:
        with transaction.atomic():
            raise_version(subject)
            raised.set()
            assert asked.wait(10)

    def ask() -> int:
        assert raised.wait(10)
        memory.recall("key", reader)
        asked.set()
        return reader.times

    assert together(change, ask) == [None, 2]
    memory.recall("key", reader)
    assert reader.times == 3
